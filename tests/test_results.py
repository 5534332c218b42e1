"""Every kind of result is saved as JSON and as arrays, and read back without pickle.

Poles at zero, ragged batches and results within results included.
"""

import json

import numpy as np
import pytest

import lssm
from lssm.dynamics import ReadoutFlow, h2_optimal, learning_speeds, pole_flow, pole_loss, teacher_information, teachers

POLES = lssm.Poles.from_discrete([0.5, -0.25])
RAGGED = lssm.Poles.from_rows([np.log([0.5 + 0j]), np.log([0.5 + 0j, 0.9])])
SYSTEM = ([[0.5, 0.1], [0.0, 0.25]], [1.0, 1.0], [1.0, 0.0])
RESULTS = {
    "memory": lambda: lssm.memory_function(POLES, 3),
    "memory of a delay line": lambda: lssm.memory_function(lssm.spectra.delay_line(order=2), 3),
    "memory of a ragged batch": lambda: lssm.memory_function(RAGGED, 3),
    "realisation": lambda: lssm.orthonormal_realisation(POLES),
    "spectrum": lambda: lssm.gramian_eigensystem(POLES),
    "factor": lambda: lssm.gramian_factor(SYSTEM),
    "input-normal": lambda: lssm.input_normal(SYSTEM),
    "balanced": lambda: lssm.balanced(SYSTEM),
    "peak": lambda: lssm.hinf_norm(SYSTEM),
    "reachable part": lambda: lssm.reachable_part((np.diag([0.5, 0.0]), np.ones(2))),
    "certificate": lambda: lssm.equivalence.certify(SYSTEM, SYSTEM),
    "matching": lambda: lssm.equivalence.match_poles(POLES, POLES),
    "flow": lambda: ReadoutFlow(POLES, teachers.delay(1)),
    "speeds": lambda: learning_speeds(POLES, teachers.delay(1)),
    "information": lambda: teacher_information(POLES, teachers.delay(1), 3),
    "pole loss": lambda: pole_loss(lssm.parameterisations.S4D(np.zeros(1), np.ones(1), np.log(0.1)), teachers.delay(1)),
    "pole flow from zero": lambda: pole_flow(lssm.Poles.from_discrete([0.0]), teachers.fir([0.0, 1.0])),
    "reduction to a pole at zero": lambda: h2_optimal(teachers.fir([1.0]), 1),
    "recording": lambda: teachers.recorded(np.sin(np.arange(20.0) ** 2), np.cos(np.arange(20.0)), 2),
    "task": lambda: lssm.tasks.delayed_recall(20, 2, rng=0),
}


@pytest.mark.parametrize("name", RESULTS)
def test_saved_and_read_back(name, tmp_path):
    result = RESULTS[name]()
    result.save(tmp_path / "result.json")
    result.save(tmp_path / "result.npz")
    written = json.loads((tmp_path / "result.json").read_text())
    assert written == json.loads(json.dumps(result.to_dict()))
    with np.load(tmp_path / "result.npz") as arrays:
        content = dict(arrays)
    assert {key.partition(".")[0] for key in content} == set(written)
    assert all(value.dtype.kind in "fciubU" for value in content.values())


def test_arrays_keep_their_type(tmp_path):
    lssm.orthonormal_realisation(POLES).save(tmp_path / "r.npz")
    lssm.memory_function(RAGGED, 3).save(tmp_path / "m.npz")
    lssm.equivalence.certify(SYSTEM, SYSTEM).save(tmp_path / "c.npz")
    with np.load(tmp_path / "r.npz") as r, np.load(tmp_path / "m.npz") as m, np.load(tmp_path / "c.npz") as c:
        assert r["D"].dtype == complex and r["D"].shape == ()
        assert np.isnan(m["poles_log"][0, 1]) and np.allclose(np.exp(m["poles_log"][1]), [0.5, 0.9])
        assert c["matching.distances"].shape == (2,)


def test_a_flow_of_one_step_can_be_drawn():
    speeds = learning_speeds(lssm.Poles.from_discrete([0.5]), teachers.delay(1))
    assert len(speeds.plot().lines) == len(speeds.flows) + 1


def test_half_steps_of_a_discrete_system():
    pytest.importorskip("flint")
    system = lssm.discretize(lssm.spectra.hippo(order=4), 0.1)
    _, exact = lssm.equivalence.to_diagonal(system, precision="extended")
    with pytest.raises(lssm.InvalidInputError, match="whole steps"):
        exact.impulse_response([0.7])
    assert np.allclose(exact.impulse_response([3])[0], lssm.impulse_response(system, 4)[3])
