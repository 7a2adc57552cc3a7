# The studio in a container. PyTorch's wheels bring CUDA and run without a GPU, too; docs/hosting.md says how to
# build a smaller image for CPUs only, and how to give the container a GPU.
FROM python:3.11-slim

# With glibc's allocator the app's memory grows for hours (docs/reliability.md, "Mixed load").
RUN apt-get update && apt-get install -y --no-install-recommends libjemalloc2 && rm -rf /var/lib/apt/lists/*
ENV LD_PRELOAD=libjemalloc.so.2

# What is installed: the versions that were tested, each file known by its hash. Other wheels have other hashes.
ARG REQUIREMENTS="--require-hashes -r requirements.lock"
# Where pip looks besides its own index, such as PyTorch's index of CPU wheels. pip reads the variable itself.
ARG PIP_EXTRA_INDEX_URL

WORKDIR /studio
COPY requirements.txt requirements-postgresql.txt requirements.lock ./
RUN pip install --no-cache-dir ${REQUIREMENTS}

COPY LICENSE ./
COPY atelier/weights atelier/weights
COPY uce_core uce_core
COPY app app

# A named volume begins with what is here: the examples of edits.
RUN useradd --create-home --uid 1000 studio && mkdir /data && chown studio /data
COPY --chown=studio edited_models /data/edits
USER studio
ENV UCE_STUDIO_HOME=/data HF_HOME=/data/models
VOLUME /data

EXPOSE 7860
HEALTHCHECK --start-period=2m CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:7860/healthz', timeout=5)"]
# docker run adds flags behind these; docker run -p chooses another port.
ENTRYPOINT ["python", "-m", "app", "--host", "0.0.0.0", "--port", "7860", "--edits", "/data/edits"]
