"""Games: lower bounds on the ratio that hold against every policy."""

from kvopt.adversary.games.clairvoyant import (
    ClairvoyantGame as ClairvoyantGame,
)
from kvopt.adversary.games.documents import (
    game_document as game_document,
)
from kvopt.adversary.games.documents import game_text as game_text
from kvopt.adversary.games.driver import GameResult as GameResult
from kvopt.adversary.games.driver import Settings as Settings
from kvopt.adversary.games.driver import search_games as search_games
from kvopt.adversary.games.randomised import (
    RandomisedSettings as RandomisedSettings,
)
from kvopt.adversary.games.restarts import RestartGame as RestartGame
from kvopt.adversary.games.restarts import (
    RestartSettings as RestartSettings,
)
from kvopt.adversary.games.settings import GameSettings as GameSettings
