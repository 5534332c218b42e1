"""Experiments: reproducible, their stored results complete, the verdicts computed from numbers."""

import json
import re

import numpy as np
import pytest
import scipy.stats

import lssm
from lssm.cli import main
from lssm.report import as_text, report_learning, report_spectra
from lssm.report.document import VERDICTS
from lssm.report.experiments import EXPERIMENTS, contest, front, longest, moved, recall, rounded, run_all, stored
from lssm.report.experiments._runs import mapped, spread
from lssm.report.lessons import combined, fixed_lesson, longest_lesson, moved_lesson, reach_lesson

SMALL = {
    "recall": recall.Settings(order=8, lags=(4,), epochs=30, length=20_000, washout=1000),
    "moved": moved.Settings(factors=(2,), length=400, epochs=20, rates=(1e-3,)),
    "front": front.Settings(order=8, steps=(0.02, 0.2), paddings=(64,), named_order=8, named_padding=80, epochs=5),
    "longest": longest.Settings(order=8, steps=(0.02, 0.2), padding=70, epochs=2),
    "contest": contest.Settings(
        order=8,
        length=500,
        epochs=10,
        digits_epochs=1,
        decays=(0.0,),
        fixed_rates=(0.1,),
        readout_rates=(0.01,),
        inner_rates=(0.001,),
    ),
}


@pytest.fixture(scope="module")
def small():
    return run_all(2, 1, SMALL)


def test_results_are_plain_numbers_and_do_not_depend_on_the_processes(small):
    assert set(small) == {"seeds", *EXPERIMENTS}
    json.dumps(small, allow_nan=False)
    assert recall.run(SMALL["recall"], 2, 2)["rows"] == recall.run(SMALL["recall"], 2, 1)["rows"]


def test_processes_keep_the_order():
    assert mapped(abs, [(-k,) for k in range(20)], "numbers", 2) == list(range(20))


def test_spread_is_mean_and_sample_deviation():
    values = [1.0, 2.0, 4.0]
    assert spread(values) == {"mean": np.mean(values), "sd": np.std(values, ddof=1), "seeds": 3}
    assert rounded({"a": [1.23456789, 1e-300, 3]}) == {"a": [1.23457, 1e-300, 3]}


def test_stored_results_are_those_of_these_settings():
    results = stored()
    assert results["seeds"] >= 10 and results["version"] == lssm.__version__ and results["minutes"] < 5
    for name, experiment in EXPERIMENTS.items():
        assert results[name]["settings"] == json.loads(json.dumps(vars(experiment.Settings()))), name


@pytest.mark.parametrize("system", ["s4d-lin", "legs, own"])
def test_a_stored_row_can_be_run_again(system):
    """One seed of the stored mean: the first, whose losses must lie within the spread of all."""
    row = next(row for row in stored()["recall"]["rows"] if row["system"] == system)
    losses = recall.measured(recall.Settings(), system, row["lag"], 0)
    spread_of_all = 3 * np.sqrt(10) * np.asarray(row["standard_error"])
    assert (np.abs(losses.mean(0) - 0.5 * (np.add(row["train"], row["test"]))) < 2 * spread_of_all).all()


def test_predicted_and_measured_curves_agree():
    """24 moments, 14 curves of ten seeds each: the largest of so many t-values with 9 degrees of freedom, at 99.9 %."""
    rows = stored()["recall"]["rows"]
    limit = scipy.stats.t(9).isf(0.0005 / len(rows))
    assert len(rows) == 14 and max(row["worst_sigmas"] for row in rows) < limit


def test_conservation_and_bounds_in_the_stored_experiments():
    for row in stored()["moved"]["rows"]:
        assert row["sum_error"] < 1e-12
        assert row["before"] < row["after"]["mean"] < row["optimum"] < row["bound"]


def test_report_shows_experiments_and_claims(small, monkeypatch, tmp_path, capsys):
    monkeypatch.setattr("lssm.report.run_all", lambda seeds, workers: small)
    assert main(["report", "--section", "learning", "--output", str(tmp_path / "out"), "--workers", "1"]) == 0
    said = json.loads((tmp_path / "out" / "report.json").read_text())
    assert [claim["number"] for claim in said["sections"][-1]["claims"]] == [4, 6, 7, 8, 9]
    assert all(claim["verdict"] in VERDICTS and claim["finding"] for claim in said["sections"][-1]["claims"])
    assert {section["title"] for section in said["sections"]} > {"Fixed or trained recurrent weights"}
    assert said["sections"][0]["data"]["rows"][0]["system"] == "s4d-inv"
    assert "written to" in capsys.readouterr().out
    assert len(list((tmp_path / "out").glob("*.png"))) == 6


def test_the_ledger_quotes_the_stored_experiments():
    report = report_spectra(order=8, delays=32)
    claims = {claim.number: claim for claim in report.sections[-1].blocks}
    assert "not yet examined" not in {claim.verdict for claim in claims.values()}
    ratio = stored()["contest"]["pairs"][0]["ratio"]["mean"]
    assert f"{ratio:.3g}" in claims[9].finding
    text = as_text(report_learning(fresh=False))
    assert re.search(r"9\. Fixed recurrent weights", text)


def _results(**changes):
    results = json.loads(json.dumps(stored()))
    for path, value in changes.items():
        name, key = path.split("__")
        for row in results[name]["pairs" if name == "contest" else "rows"]:
            row[key] = value
    return results


def test_verdicts_follow_the_numbers():
    even = {"mean": 0.0, "sd": 0.1, "seeds": 10}
    assert fixed_lesson(_results(contest__difference=even))[0] == "holds"
    worse = {"mean": -1.0, "sd": 0.1, "seeds": 10}
    assert fixed_lesson(_results(contest__difference=worse))[0] == "fails as stated"
    assert moved_lesson(_results(moved__before=1.0))[0] == "holds"
    assert moved_lesson(_results(moved__before=1e-9))[0] == "fails as stated"
    assert longest_lesson(_results(longest__accuracy={"mean": 0.5, "sd": 0.1, "seeds": 10}))[0] == "holds"
    assert combined(("holds", "a"), ("fails as stated", "b")) == ("holds in part", "a b")
    assert combined(("holds", "a"), ("holds", "b")) == ("holds", "a b")
    assert reach_lesson(stored())[0] in VERDICTS


@pytest.mark.parametrize(
    "options, said",
    [
        (["--section", "learning", "--checkpoint", "x"], "--section"),
        (["--seeds", "3"], "--seeds"),
        (["--section", "learning", "--seeds", "1"], "seeds"),
        (["--section", "learning", "--workers", "0"], "workers"),
        (["--section", "learning", "--lag", "3"], "--lag"),
        (["--section", "everything"], "section"),
    ],
)
def test_bad_options(options, said, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(["report", *options]) == 2
    assert said in capsys.readouterr().err and not list(tmp_path.iterdir())
