# Two images of one file, every package as uv.lock pins it (docs/images.md):
#   --target pipeline   everything: runs, nodes, Beam's workers, servers; the default
#   --target serving    `arbiter serve` and the model server on twins, without TensorFlow
# BASE is a Debian or the like with Python 3.11 and pip.
ARG BASE=python:3.11.14-slim-bookworm

FROM ${BASE} AS uv
ARG UV_VERSION=0.13.8
# Where uv keeps what it has fetched; another folder where one is mounted.
ARG UV_CACHE_DIR=/var/cache/uv
# Layers get one time for all files, so compiled modules must not be held against their sources' times.
ENV UV_CACHE_DIR=${UV_CACHE_DIR} UV_PYTHON=3.11 UV_PYTHON_DOWNLOADS=never UV_PROJECT_ENVIRONMENT=/opt/venv \
    VIRTUAL_ENV=/opt/venv UV_LINK_MODE=copy UV_SYSTEM_CERTS=1 PYC_INVALIDATION_MODE=UNCHECKED_HASH \
    PATH=/opt/uv/bin:$PATH
RUN python3 -m pip install --quiet --no-cache-dir --no-compile --target /opt/uv uv==${UV_VERSION}
WORKDIR /build
COPY pyproject.toml uv.lock README.md ./
COPY compat compat

# TensorFlow's C++ headers and the packages' own tests stay out: 0.6 GB that nothing here reads.
FROM uv AS pipeline-packages
# What the lock has beyond the default, such as --extra teacher.
ARG WITH=""
RUN --mount=type=cache,target=/var/cache/uv \
    uv sync --frozen --quiet --no-dev --no-install-project ${WITH} && \
    rm -rf /opt/venv/.lock /opt/venv/lib/python3.11/site-packages/tensorflow/include && \
    find /opt/venv/lib -type d -name tests -prune -exec rm -rf {} + && \
    python3 -m compileall -q -j 0 --invalidation-mode unchecked-hash /opt/venv/lib

# Of TensorFlow the protocol buffers alone, which those of TF Serving import.
FROM uv AS serving-packages
RUN --mount=type=cache,target=/var/cache/uv \
    uv export --frozen --quiet --no-dev --no-emit-project --output-file packages.txt $(printf -- '--prune %s ' \
      apache-beam bm25s h5py keras kfp lightgbm ml-dtypes pyarrow scikit-learn tensorflow-model-analysis \
      tf-keras tfx) && \
    uv venv --quiet /opt/venv && uv pip install --quiet --no-deps --requirement packages.txt && \
    rm -f /opt/venv/.lock && \
    find /opt/venv/lib/python3.11/site-packages/tensorflow -type f ! -name '*_pb2.py' -delete && \
    find /opt/venv/lib/python3.11/site-packages/tensorflow -type d -empty -delete && \
    python3 -m compileall -q -j 0 --invalidation-mode unchecked-hash /opt/venv/lib

# Arbiter in a folder of its own: a change of it is a small layer upon the packages. uv_cache.json has the time.
FROM uv AS code
COPY components components
COPY pipelines pipelines
COPY benchmarks benchmarks
RUN --mount=type=cache,target=/var/cache/uv \
    uv venv --quiet /opt/venv && uv pip install --quiet --no-deps --compile-bytecode --target /opt/arbiter . && \
    rm /opt/arbiter/.lock /opt/arbiter/*.dist-info/uv_cache.json && \
    sed -i /uv_cache.json/d /opt/arbiter/*.dist-info/RECORD

# User 1000 writes to /tmp and to volumes alone: the root file system may be read-only. An empty volume that
# Docker mounts at /arbiter gets the folder's owner.
FROM ${BASE} AS user
RUN useradd --uid 1000 --user-group --home-dir /tmp --no-create-home --shell /usr/sbin/nologin arbiter && \
    install --directory --owner=1000 --group=1000 /arbiter
ENV PATH=/opt/arbiter/bin:/opt/venv/bin:$PATH PYTHONPATH=/opt/arbiter PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 HOME=/tmp
WORKDIR /arbiter
USER 1000:1000
CMD ["arbiter", "--help"]

FROM user AS serving
COPY --from=serving-packages /opt/venv /opt/venv
COPY --from=code /opt/arbiter /opt/arbiter

FROM user AS pipeline
COPY --from=pipeline-packages /opt/venv /opt/venv
COPY --from=code /opt/arbiter /opt/arbiter
