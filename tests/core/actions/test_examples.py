"""The examples of the whole way on a real small model."""


def test_the_report_adds_up(walked):
    report = walked.report
    assert report.kept + report.dropped == report.rows_read == 300
    assert sum(report.split.values()) == report.kept
