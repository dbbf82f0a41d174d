"""Reports that people look at: one HTML file, and traces for Perfetto."""

from kvopt.report.contents import ReportTable as ReportTable
from kvopt.report.contents import Scene as Scene
from kvopt.report.contents import scenes_of as scenes_of
from kvopt.report.events import chrome_trace as chrome_trace
from kvopt.report.page import report_page as report_page
from kvopt.report.reading import read_contents as read_contents
