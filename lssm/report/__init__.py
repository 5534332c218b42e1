"""Reports: what spectra and checkpoints remember, and what became of the source paper's claims.

>>> from lssm.report import report_spectra
>>> report = report_spectra(order=8, delays=32)
>>> print(report)
What linear state space models remember: spectra, after 32 steps, claims ledger
"""

from pathlib import Path

from ..checkpoints import Checkpoint
from ..tasks import digits
from .audit import audit, layer_section, overview_section
from .document import Report as Report
from .experiments import run_all, stored
from .files import check as check_folder
from .files import write as write_report
from .lag import lag_section
from .learned import learning_sections
from .ledger import learned_section, ledger_section, training_section
from .survey import finite_section, survey, survey_section
from .text import as_text as as_text

__all__ = ["Report", "report_spectra", "report_checkpoint", "report_learning", "write_report", "check_folder", "as_text"]


def report_spectra(*, order: int = 32, delays: int = 1024, steps: tuple[float, ...] = (1e-3, 1e-2)) -> Report:
    """Memory of the source paper's spectra, and the ledger of its claims.

    Parameters
    ----------
    order : int
        State dimension N, even.
    delays : int
        T: the delays 0 … T-1, in steps, are shown.
    steps : tuple of float
        Time steps Δ of the continuous families, in units of time.

    Returns
    -------
    Report

    Raises
    ------
    InvalidInputError
        An odd order, no delays, a step that is not positive.

    Notes
    -----
    Explained in :doc:`/howto/report`.

    Examples
    --------
    >>> import lssm.report
    >>> report = lssm.report.report_spectra(order=4, delays=8, steps=(0.1,))
    >>> [section.title for section in report.sections]
    ['Spectra', 'After 8 steps', 'Claims ledger']
    """
    found = survey(order, delays, steps)
    return Report(
        "What linear state space models remember", [survey_section(found), finite_section(found), ledger_section(found, stored())]
    )


def report_learning(*, seeds: int = 10, workers: int = 1, fresh: bool = True) -> Report:
    """The experiments behind the claims on learning, and what became of those claims.

    Parameters
    ----------
    seeds : int
        Independent runs of everything, at least two.
    workers : int
        Processes; more than one needs a main module that can be imported, as with any ``multiprocessing``.
    fresh : bool
        Run the experiments, a few minutes on two cores; False shows the results that come with the package.

    Returns
    -------
    Report

    Raises
    ------
    InvalidInputError
        Numbers that are no counts.
    UnsupportedError
        scikit-learn, which carries the digits, is not installed.

    Notes
    -----
    Explained in :doc:`/howto/report`.

    Examples
    --------
    >>> import lssm.report
    >>> report = lssm.report.report_learning(fresh=False)
    >>> report.sections[0].title, report.sections[-1].title
    ('Recall, predicted and measured', 'Claims ledger')
    """
    if fresh:
        digits()  # before anything runs: its package may be missing
    results = run_all(seeds, workers) if fresh else stored()
    found = survey(32, 1024, (1e-3, 1e-2))
    return Report(
        "What gradient descent can teach a linear state space model",
        [*learning_sections(results), learned_section(found, results)],
    )


def report_checkpoint(
    checkpoint: Checkpoint,
    against: Checkpoint | None = None,
    *,
    delays: int = 1024,
    lag: int | None = None,
    workers: int | None = None,
) -> Report:
    """Memory of every layer and channel of a trained model, and how far it is from another state of the model.

    Parameters
    ----------
    checkpoint : Checkpoint
        What `lssm.checkpoints.load` returned.
    against : Checkpoint, optional
        The same model at another time, usually its initialisation; moves are now minus then.
    delays : int
        T: the delays 0 … T-1, in steps, are shown.
    lag : int, optional
        A delay D, in steps, that matters to the task: which channels can recall it.
    workers : int, optional
        Threads over the channels (-1: one a core).

    Returns
    -------
    Report

    Raises
    ------
    CheckpointError
        The two checkpoints do not hold the same layers.

    Notes
    -----
    Explained in :doc:`/howto/report`.

    Examples
    --------
    >>> import lssm.report
    >>> checkpoint = lssm.checkpoints.load("tests/data/s4d_digits_trained.safetensors")
    >>> print(lssm.report.report_checkpoint(checkpoint, delays=16))
    What s4d_digits_trained.safetensors remembers: layers, layer layers.0.kernel, layer layers.1.kernel
    """
    found = audit(checkpoint, against, delays, workers)
    title = f"What {Path(checkpoint.path).name} remembers"
    sections = [overview_section(checkpoint, against, found)]
    if lag is not None:
        before = [against.layers[one.layer.name].poles for one in found] if against else None
        sections.append(lag_section(found, before, lag))
    sections += map(layer_section, found)
    return Report(title, [*sections, training_section(found)] if against else sections)
