"""Reports: complete, self-contained, and honest about what was not examined."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from oracles import ball_memory

import lssm
from lssm.report import check_folder, report_checkpoint, report_spectra, write_report
from lssm.report.document import VERDICTS, Picture, Report, Section

DATA = Path(__file__).parent / "data"


@pytest.fixture(scope="module")
def spectra_report():
    return report_spectra(order=8, delays=64)


@pytest.fixture(scope="module")
def checkpoints():
    return [lssm.checkpoints.load(DATA / f"s4d_digits_{name}.safetensors") for name in ("trained", "init")]


class Sources(HTMLParser):
    """Collects what a page would fetch, and whether its tags close."""

    VOID = ("meta", "img", "link", "br")

    def __init__(self):
        super().__init__()
        self.fetched, self.open = [], []

    def handle_starttag(self, tag, attrs):
        self.fetched += [value for name, value in attrs if name in ("src", "href", "srcset") and not value.startswith("data:")]
        if tag in ("script", "link", "iframe"):
            self.fetched.append(tag)
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def test_the_page_fetches_nothing_and_is_well_formed(spectra_report, tmp_path):
    write_report(spectra_report, tmp_path, "footer <&>")
    page = (tmp_path / "report.html").read_text()
    sources = Sources()
    sources.feed(page)
    assert sources.fetched == [] and sources.open == []
    assert "url(" not in page and "@import" not in page and "footer &lt;&amp;&gt;" in page


def test_every_picture_is_a_file_and_is_in_the_page(spectra_report, tmp_path):
    names = write_report(spectra_report, tmp_path, "")
    assert sorted(names) == sorted(path.name for path in tmp_path.iterdir())
    pictures = [name for name in names if name.endswith(".png")]
    assert len(pictures) == len(spectra_report.pictures()) == 6
    assert (tmp_path / "report.html").read_text().count("data:image/png;base64,") == 6
    for name in pictures:
        assert (tmp_path / name).read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"


def test_json_holds_the_numbers(spectra_report, tmp_path):
    write_report(spectra_report, tmp_path, "")
    said = json.loads((tmp_path / "report.json").read_text())
    spectra, finite, ledger = said["sections"]
    assert [claim["number"] for claim in ledger["claims"]] == list(range(1, 10))
    for claim in ledger["claims"]:
        assert claim["verdict"] in VERDICTS
        assert bool(claim["finding"]) != (claim["verdict"] == "not yet examined")
    lin = spectra["data"]["s4d-lin (Δ = 0.001)"]
    log = np.array(lin["poles_log"]) @ [1, 1j]
    assert np.allclose(lin["memory"], ball_memory(log, range(64)), rtol=1e-12, atol=0)
    row = next(r for r in spectra["tables"]["Spectra"] if r["spectrum"] == "s4d-lin" and r["step Δ"] == 1e-3)
    assert row["Σ M, τ<T"] + row["remainder, τ≥T"] == pytest.approx(7, rel=1e-12)
    after = finite["data"]["s4d-lin (Δ = 0.001)"]["memory"]
    assert np.allclose(after, ball_memory(log, range(64), horizon=64), rtol=1e-12, atol=0)


def test_digits_checkpoints_remember_what_was_measured(checkpoints):
    """Mean over 64 channels of the memory within 64 steps: 24.45 before training and 23.97-23.98 after."""
    report = report_checkpoint(*checkpoints, delays=64)
    now, before = report.sections[0].to_dict()["tables"].values()
    assert np.mean([row["Σ M, τ<64"] for row in now]) == pytest.approx(23.98, abs=0.01)
    assert np.mean([row["Σ M, τ<64"] for row in before]) == pytest.approx(24.45, abs=0.01)
    assert "compare shares of the capacity" in report.sections[0].text
    assert all(row["share of capacity"] < old["share of capacity"] for row, old in zip(now, before, strict=True))
    for section in layers_of(report):
        data = section.data
        assert np.shape(data["memory"]) == np.shape(data["memory_before"]) == (32, 64)
        assert np.array_equal(data["delays"], np.arange(64))


def layers_of(report):
    found = [section for section in report.sections if section.title.startswith("Layer ")]
    assert found
    return found


def test_what_a_lag_means(checkpoints):
    """Best channel, counts and the layer as a whole, against memory functions of the same poles; claim 8 at the end."""
    report = report_checkpoint(*checkpoints, delays=8, lag=200)
    section = next(section for section in report.sections if section.title == "Lag 200")
    now, before, _ = section.to_dict()["tables"].values()
    layer = checkpoints[0].layers["layers.0.kernel"]
    recall = lssm.memory_function(layer.poles, [200]).values[:, 0]
    assert now[0]["best channel"] == recall.max() and now[0]["channels with M(D) ≥ 0.01"] == (recall >= 0.01).sum()
    assert recall.max() <= now[0]["bound N/(D+1)"] == pytest.approx(64 / 201)
    assert recall.max() <= now[0]["all channels together"] <= 1
    assert before[0]["best channel"] != now[0]["best channel"]
    claim = report.sections[-1].to_dict()["claims"][0]
    assert claim["number"] == 8 and claim["verdict"] in VERDICTS
    with pytest.raises(lssm.InvalidInputError, match="lag"):
        report_checkpoint(*checkpoints, delays=8, lag=0)


def test_channels_agree_with_ball_arithmetic(checkpoints):
    layer = checkpoints[0].layers["layers.1.kernel"]
    values = lssm.memory_function(layer.poles, 64).values
    for channel in (0, 13, 31):
        exact = ball_memory(layer.poles[channel].rows()[0], range(64))
        assert np.abs(values[channel] / exact - 1).max() <= 1e-12


def test_a_model_against_itself_has_not_moved(checkpoints):
    report = report_checkpoint(checkpoints[0], checkpoints[0], delays=8)
    for section in layers_of(report):
        assert all(row["mean |·|"] == 0 for row in section.to_dict()["tables"]["M(τ) now minus before"])


def test_different_models_cannot_be_compared(checkpoints):
    other = lssm.checkpoints.Checkpoint("other.safetensors", dict(list(checkpoints[1].layers.items())[:1]))
    with pytest.raises(lssm.CheckpointError, match=r"against.*same model"):
        report_checkpoint(checkpoints[0], other, delays=8)


def test_a_picture_that_fails_leaves_nothing(tmp_path):
    def broken():
        raise RuntimeError("no figure")

    report = Report("title", [Section("section", "text", [Picture("p", "c", broken)])])
    with pytest.raises(RuntimeError):
        write_report(report, tmp_path / "out", "")
    assert not (tmp_path / "out").exists()


def test_a_folder_in_the_way_of_a_file_leaves_the_rest_untouched(spectra_report, tmp_path):
    (tmp_path / "report.json").mkdir()
    (tmp_path / "report.txt").write_text("mine")
    with pytest.raises(lssm.OutputError, match="is a folder"):
        write_report(spectra_report, tmp_path, "")
    assert (tmp_path / "report.txt").read_text() == "mine"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["report.json", "report.txt"]


def test_checking_a_folder_does_not_make_it(tmp_path):
    check_folder(tmp_path / "a" / "b")
    assert list(tmp_path.iterdir()) == []


def test_text_tables_are_aligned(spectra_report):
    lines = lssm.report.as_text(spectra_report).splitlines()
    rule = next(i for i, line in enumerate(lines) if re.fullmatch(r"[- ]+", line) and "--  " in line)
    assert len({len(line) for line in lines[rule - 1 : rule + 9]}) == 1
