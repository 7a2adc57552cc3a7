"""python -m benchmarks.conditioning: what float32 would lose in the solve, on the texts of Atelier's own encoder.

For one artist erased and the others retained: the condition number of A, and the relative error of
UᵀV = M − I when A is built and solved in float32 instead of float64.
"""

import torch

from uce_core import EditSpec, load_model
from uce_core.methods.inputs import EditInputs

LAMS = (5.0, 0.5)


def main() -> None:
    model = load_model("atelier")
    first, *others = model.catalog
    print("| wording | span | λ | condition of A | error of a float32 solve |\n|---|---|---|---|---|")
    for wording in ("name", "expanded"):
        for span in ("last", "rest", "all"):
            for lam in LAMS:
                spec = EditSpec(erase=(first,), retain=tuple(others), wording=wording, span=span, lam=lam)
                vectors = EditInputs(model, spec)
                (c, g), p = vectors.erased, vectors.retained
                exact, single = (change(c.to(t), g.to(t), p.to(t), lam) for t in (torch.float64, torch.float32))
                error = (single.double() - exact).norm() / exact.norm()
                a = matrix(c.double(), p.double(), lam)
                print(f"| {wording} | {span} | {lam:g} | {torch.linalg.cond(a):.1e} | {error:.1e} |")


def matrix(c: torch.Tensor, p: torch.Tensor, lam: float) -> torch.Tensor:
    return lam * torch.eye(c.shape[1], dtype=c.dtype) + c.T @ c + p.T @ p


def change(c: torch.Tensor, g: torch.Tensor, p: torch.Tensor, lam: float) -> torch.Tensor:
    """M − I = (G − C)ᵀ·C·A⁻¹, in the precision of its arguments."""
    moved: torch.Tensor = (g - c).T @ torch.linalg.solve(matrix(c, p, lam), c.T).T
    return moved


if __name__ == "__main__":
    main()
