from sce2tm.train.progress import reporting


def test_a_callable_gets_step_total_and_losses():
    calls = []
    with reporting(lambda *args: calls.append(args), 20) as report:
        report(10, {"loss": 2.0})
        report(20, {"loss": 1.0})
    assert calls == [(10, 20, {"loss": 2.0}), (20, 20, {"loss": 1.0})]


def test_the_bar_shows_steps_and_loss(capsys):
    with reporting(True, 20) as report:
        report(10, {"loss": 2.0})
        report(20, {"loss": 1.0})
    shown = capsys.readouterr()
    assert "20/20" in shown.err
    assert "loss=1.0" in shown.err
    assert shown.out == ""


def test_false_is_silent(capsys):
    with reporting(False, 20) as report:
        report(20, {"loss": 1.0})
    assert capsys.readouterr() == ("", "")
