"""What the experiments found, as tables and figures."""

from typing import Any

import numpy as np

from .. import plotting
from .document import Column, Picture, Section, Table
from .experiments._runs import written

# Okabe-Ito colours
_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")


def learning_sections(results: dict[str, Any]) -> list[Section]:
    """One section an experiment, in the order of the argument."""
    makers = {"recall": _recall, "moved": _moved, "front": _front, "longest": _longest, "contest": _contest}
    return [make(results[name], results["seeds"]) for name, make in makers.items()]


def _spread_words(seeds: int) -> str:
    few = "" if seeds >= 5 else " So few seeds say little about spreads."
    return f"± is one standard deviation over seeds.{few}"


def _listed(rates: list[float]) -> str:
    return ", ".join(f"{rate:g}" for rate in rates)


def _recall(found: dict[str, Any], seeds: int) -> Section:
    given = found["settings"]
    text = (
        "Recall of the input D steps ago by gradient descent on the readout, η half the largest stable step size, "
        f"N = {given['order']}, Δ = {given['step']:g} where there is a step. Measured: {seeds} pairs of runs of "
        f"{given['length'] - given['washout']} steps of white Gaussian input in the stationary state, one to train and one to "
        "test; losses relative to the mean square of the sampled targets. Predicted: the closed form for an infinite amount of "
        "data. Training losses lie below it by as much as test losses above, to first order; their mean is compared, in standard "
        "errors over the seeds."
    )
    columns = [
        Column("system"),
        Column("lag D", "d"),
        Column("best readout, 1-M(D)", ".4f"),
        Column(f"predicted after {given['epochs']} steps", ".4f"),
        Column("training loss", ".4f"),
        Column("test loss", ".4f"),
        Column("largest distance, standard errors", ".1f"),
        Column("largest distance, relative", ".1e"),
    ]
    rows = [
        (
            r["system"],
            r["lag"],
            r["limit"],
            r["predicted"][-1],
            r["train"][-1],
            r["test"][-1],
            r["worst_sigmas"],
            r["worst_relative"],
        )
        for r in found["rows"]
    ]
    lags = sorted({row["lag"] for row in found["rows"]})
    pictures = [
        Picture(
            f"recall-{lag}",
            f"Loss of recalling lag {lag} against gradient steps: lines predicted, points measured.",
            lambda lag=lag: _draw_recall(found, lag),  # type: ignore[misc]
        )
        for lag in lags
    ]
    return Section("Recall, predicted and measured", text, [Table("Recall", columns, rows), *pictures], found)


def _draw_recall(found: dict[str, Any], lag: int) -> Any:
    ax = plotting.new_axes(6.6, 3.9)
    steps = np.asarray(found["steps"])
    rows = [row for row in found["rows"] if row["lag"] == lag]
    for row, colour in zip(rows, _COLOURS, strict=False):
        middle = 0.5 * (np.asarray(row["train"]) + np.asarray(row["test"]))
        ax.semilogx(steps, row["predicted"], color=colour, label=row["system"])
        ax.errorbar(steps, middle, 2 * np.asarray(row["standard_error"]), color=colour, fmt=".", markersize=4)
    ax.set_xlabel("gradient steps")
    ax.set_ylabel(f"loss of recalling lag {lag}")
    ax.legend(fontsize="small", loc="center left", bbox_to_anchor=(1, 0.5))
    return ax.figure


def _moved(found: dict[str, Any], seeds: int) -> Section:
    given = found["settings"]
    text = (
        f"S4D-Lin with {found['poles']} poles and memory length {found['length']}, trained with its readout on "
        f"{given['length']} steps of recall at lags beyond that length: {given['epochs']} full-batch Adam steps, {seeds} seeds, "
        "the step size chosen on another one. M(D) afterwards is the exact memory function of the trained poles. Moved: half of "
        "Σ |M - M'|, in delays. "
        f"Optimum: the best {found['poles']} poles found for the lag. {_spread_words(seeds)}"
    )
    columns = [
        Column("lag D", "d"),
        Column("M(D) before", ".2e"),
        Column("after"),
        Column("optimum", ".3g"),
        Column("bound N/(D+1)", ".3g"),
        Column("moved, delays"),
        Column("capacity after"),
        Column("|Σ M - capacity|", ".0e"),
    ]
    rows = [
        (
            r["lag"],
            r["before"],
            written(r["after"]),
            r["optimum"],
            r["bound"],
            written(r["moved"]),
            ", ".join(map(str, r["capacity"])),
            r["sum_error"],
        )
        for r in found["rows"]
    ]
    picture = Picture("moved", "M(D) before and after training, the optimum and the bound.", lambda: _draw_moved(found))
    return Section("How far training moves memory", text, [Table("Moved memory", columns, rows), picture], found)


def _draw_moved(found: dict[str, Any]) -> Any:
    ax = plotting.new_axes(5.2, 3.7)
    lags = [row["lag"] for row in found["rows"]]
    ax.plot(lags, [row["bound"] for row in found["rows"]], ":", color="0.5", label="bound N/(D+1)")
    ax.plot(lags, [row["optimum"] for row in found["rows"]], "s-", color=_COLOURS[2], label="best poles")
    after = [row["after"]["mean"] for row in found["rows"]]
    ax.errorbar(lags, after, [row["after"]["sd"] for row in found["rows"]], fmt="o-", color=_COLOURS[0], label="after training")
    ax.plot(lags, [row["before"] for row in found["rows"]], "^-", color=_COLOURS[1], label="before")
    ax.set_yscale("log")
    ax.set_xlabel("lag D (steps)")
    ax.set_ylabel("memory M(D)")
    ax.legend(fontsize="small")
    return ax.figure


def _front(found: dict[str, Any], seeds: int) -> Section:
    given = found["settings"]
    ranks = ", ".join(f"{value:.2f} at T = {T}" for T, value in found["rank_correlation"].items())
    text = (
        f"Digits read pixel by pixel, 64 steps, then white noise (standard deviation {given['noise']:g}) up to T steps; a "
        f"softmax readout of the last state, {given['epochs']} iterations of L-BFGS with penalty {given['penalty']:g} on "
        f"standardized features, {seeds} random splits. Stored: the mean of M(τ) over the delays at which the pixels lie at the "
        f"end. The same readout of the raw pixels reaches {written(found['raw'], '.4f')}. Rank correlation between stored share "
        f"and accuracy over the steps Δ: {ranks}; over the spectra of the source paper {found['named_rank_correlation']:.2f}. "
        f"From Δ = 0.05 on poles of S4D-Lin alias and merge, and a readout has fewer features. {_spread_words(seeds)}"
    )
    columns = [
        Column("spectrum"),
        Column("T", "d"),
        Column("poles", "d"),
        Column("length", "d"),
        Column("stored", ".3f"),
        Column("test accuracy"),
        Column("training accuracy"),
    ]
    rows = [
        (r["spectrum"], r["T"], r["poles"], r["length"], r["stored"], written(r["accuracy"], ".4f"), written(r["train"], ".4f"))
        for r in found["rows"]
    ]
    caption = (
        "Test accuracy against memory length: spectra of one order, task and budget; bars: one standard deviation over splits."
    )
    picture = Picture("front", caption, lambda: _draw_front(found))
    return Section("The longest memory, or the most accurate one", text, [Table("Front", columns, rows), picture], found)


def _draw_front(found: dict[str, Any]) -> Any:
    ax = plotting.new_axes(7.0, 3.9)
    for T, colour in zip(found["settings"]["paddings"], _COLOURS, strict=False):
        rows = [row for row in found["rows"] if row["step"] is not None and row["T"] == T]
        lengths, means = [row["length"] for row in rows], [row["accuracy"]["mean"] for row in rows]
        spreads = [row["accuracy"]["sd"] for row in rows]
        ax.errorbar(lengths, means, spreads, fmt="o-", color=colour, label=f"S4D-Lin, T = {T}")
        ax.semilogx(lengths, [row["stored"] for row in rows], ":", color=colour, label=f"stored share, T = {T}")
    ax.axhline(found["raw"]["mean"], color="0.5", linestyle="--", linewidth=1, label="raw pixels")
    ax.set_xlabel("memory length (steps)")
    ax.set_ylabel("test accuracy, stored share")
    ax.legend(fontsize="small", loc="center left", bbox_to_anchor=(1, 0.5))
    return ax.figure


def _longest(found: dict[str, Any], seeds: int) -> Section:
    given = found["settings"]
    text = (
        f"The digits of 64 steps followed by noise up to {given['padding']}, from S4D-Lin of order {given['order']} at "
        f"different steps, input weights such that every state has variance one: {given['epochs']} epochs of Adam, batches of "
        f"{given['batch']}, {seeds} seeds, step sizes {given['readout_rate']:g} (readout) and {given['inner_rate']:g}. Fixed: "
        "the readout only; trained: poles, step and input weights too. Of runs that end above their start the best epoch is "
        f"kept. {_spread_words(seeds)}"
    )
    columns = [
        Column("step Δ", "g"),
        Column("length", "d"),
        Column("weights"),
        Column("stored before", ".3f"),
        Column("stored after"),
        Column("test accuracy"),
        Column("training loss"),
        Column("diverged runs", "d"),
    ]
    rows = [
        (
            r["step"],
            r["length"],
            r["arm"],
            r["stored_before"],
            written(r["stored_after"], ".3f"),
            written(r["accuracy"], ".3f"),
            written(r["train_loss"], ".3f"),
            r["diverged"],
        )
        for r in found["rows"]
    ]
    picture = Picture("initial", "Test accuracy against the length of the initial memory.", lambda: _draw_longest(found))
    return Section(
        "The initial memory, when everything is trained", text, [Table("Initial memory", columns, rows), picture], found
    )


def _draw_longest(found: dict[str, Any]) -> Any:
    ax = plotting.new_axes(5.2, 3.7)
    for arm, colour in zip(("fixed", "trained"), _COLOURS, strict=False):
        rows = [row for row in found["rows"] if row["arm"] == arm]
        means, spreads = zip(*((row["accuracy"]["mean"], row["accuracy"]["sd"]) for row in rows), strict=True)
        ax.errorbar([row["length"] for row in rows], means, spreads, fmt="o-", color=colour, label=f"{arm} recurrent weights")
    ax.set_xscale("log")
    ax.set_xlabel("length of the initial memory (steps)")
    ax.set_ylabel("test accuracy")
    ax.legend(fontsize="small")
    return ax.figure


def _contest(found: dict[str, Any], seeds: int) -> Section:
    given = found["settings"]
    text = (
        f"S4D-Lin with {given['order']} states (unless said), input weights such that every state has variance one; the readout "
        f"alone, or poles, step and input weights too: the same number of Adam steps ({given['epochs']} full batches; digits: "
        f"{given['digits_epochs']} epochs in batches of 50), the same number of step sizes tried for each on another seed, early "
        "stopping on validation data for both, with and without weight decay of the readout; "
        f"{seeds} seeds. Losses of numbers are relative to the variance of the targets, those of digits are cross-entropies. "
        "Closed form: ridge on the same fixed states. Steps: until the training loss is within 5 % of the lowest that fixed "
        "weights came to with that seed, where that lies below the start; a step of trained weights costs several times as much. "
        f"Step sizes tried, fixed: {_listed(given['fixed_rates'])}; trained: {_listed(given['readout_rates'])} for the readout "
        f"with {_listed(given['inner_rates'])} for the rest. {_spread_words(seeds)}"
    )
    columns = [
        Column("task"),
        Column("weights"),
        Column("decay", "g"),
        Column("step sizes"),
        Column("training loss"),
        Column("test loss"),
        Column("closed form"),
        Column("gap"),
        Column("steps"),
        Column("reached", "d"),
        Column("diverged", "d"),
        Column("accuracy"),
    ]
    rows = [
        (
            r["task"],
            r["arm"],
            r["decay"],
            " and ".join(f"{rate:g}" for rate in r["rates"] if rate),
            written(r["train"]),
            written(r["test"]),
            written(r["closed_form"]) if r["closed_form"] else None,
            written(r["gap"], ".2g"),
            written(r["steps_to_goal"], ".0f") if r["steps_to_goal"] else None,
            r["reached"],
            r["diverged"],
            written(r["accuracy"], ".3f") if "accuracy" in r else None,
        )
        for r in found["rows"]
    ]
    caption = "Test loss with trained over test loss with fixed recurrent weights; bars: one standard deviation over seeds."
    pictures = [
        Picture("contest", caption, lambda: _draw_contest(found)),
        Picture("curves", "Training loss against steps, without weight decay, mean over seeds.", lambda: _draw_curves(found)),
    ]
    return Section("Fixed or trained recurrent weights", text, [Table("Fixed and trained", columns, rows), *pictures], found)


def _draw_contest(found: dict[str, Any]) -> Any:
    ax = plotting.new_axes(6.4, 3.6)
    names = list(dict.fromkeys(pair["task"] for pair in found["pairs"]))
    decays = found["settings"]["decays"]
    for i, (decay, colour) in enumerate(zip(decays, _COLOURS, strict=False)):
        pairs = [pair for pair in found["pairs"] if pair["decay"] == decay]
        places = np.arange(len(pairs)) + 0.18 * (i - 0.5 * (len(decays) - 1))
        means, spreads = zip(*((pair["ratio"]["mean"], pair["ratio"]["sd"]) for pair in pairs), strict=True)
        ax.errorbar(means, places, xerr=spreads, fmt="o", color=colour, label=f"weight decay {decay:g}")
    ax.axvline(1.0, color="0.5", linestyle=":", linewidth=1)
    ax.set_yticks(range(len(names)), names)
    ax.set_xlabel("test loss, trained over fixed")
    ax.set_xlim(left=0)
    ax.invert_yaxis()
    ax.legend(fontsize="small")
    return ax.figure


def _draw_curves(found: dict[str, Any]) -> Any:
    ax = plotting.new_axes(8.4, 3.9)
    names = list(dict.fromkeys(row["task"] for row in found["rows"]))
    for row in found["rows"]:
        if row["decay"] == 0.0 and row["curve"] is not None:
            colour, style = _COLOURS[names.index(row["task"])], "-" if row["arm"] == "trained" else "--"
            curve = np.asarray(row["curve"]) / row["curve"][0]
            ax.loglog(np.asarray(row["steps"]) + 1, curve, style, color=colour, label=f"{row['task']}, {row['arm']}")
    ax.set_xlabel("steps + 1")
    ax.set_ylabel("training loss, relative to the start")
    ax.set_ylim(bottom=1e-4)
    ax.legend(fontsize="x-small", loc="center left", bbox_to_anchor=(1, 0.5))
    return ax.figure
