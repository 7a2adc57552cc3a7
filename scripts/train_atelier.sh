#!/usr/bin/env bash
# Train a slice of Atelier by the clock, on a machine with a GPU and no network.
#
#   scripts/train_atelier.sh MINUTES STAGE…      (stages as in python -m atelier2 train)
#
# Needs in the working folder: work/emoji (python -m atelier2 fetch), and in .whl/ the wheels of what the machine lacks
# (diffusers, open_clip_torch, ftfy, lpips, resvg-py, importlib_metadata). What earlier slices made is taken from
# work/parts (python -m atelier2 pack). Weights end in work/weights, and in parts of 15 MB in $OUT.
set -euo pipefail
minutes=$1
shift
if compgen -G ".whl/*.whl" >/dev/null; then
    python3 -m pip install -q --no-index --no-deps --no-compile --no-cache-dir --upgrade --target /tmp/site .whl/*.whl
    export PYTHONPATH=/tmp/site
fi
export PYTHONUNBUFFERED=1 OMP_NUM_THREADS=1
weights=work/weights
if compgen -G "work/parts/*" >/dev/null && [[ ! -d $weights ]]; then
    python3 -m atelier2 unpack work/parts --out "$weights"
fi
stages=()
for stage; do stages+=(--stage "$stage"); done
python3 -m atelier2 train --minutes "$minutes" --out "$weights" "${stages[@]}" ${MORE:-}
# what the denoiser's slice did not change, an earlier slice has given back
mkdir -p "${OUT:-work/out}"
others=()
if [[ " $* " == *" denoiser "* ]]; then
    python3 -m atelier2 grid --weights "$weights" --out "${OUT:-work/out}/grid.webp"
    for part in scorer judge.safetensors lpips.safetensors vae text_encoder; do others+=(--leave-out "$part"); done
fi
python3 -m atelier2 pack "$weights" --out "${OUT:-work/out}" ${others[@]+"${others[@]}"}
