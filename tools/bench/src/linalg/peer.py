"""LAPACK and BLAS through scipy. A request names an operation and a size; the answer is its time in milliseconds."""

import json
import sys
import time

import numpy
import scipy
from scipy.linalg import blas, lapack

cache = {}


def data(n):
    if n not in cache:
        a = numpy.random.default_rng(n).normal(size=(n, n))
        positive = a @ a.T / n + numpy.eye(n)
        factor = scipy.linalg.cholesky(positive, lower=True)
        cache[n] = (numpy.asfortranarray(a), numpy.asfortranarray(positive), numpy.asfortranarray(factor))
    return cache[n]


def measure(operation, n):
    a, positive, factor = data(n)
    work = numpy.asfortranarray((positive if operation == "potrf" else a).copy())
    start = time.perf_counter()
    if operation == "potrf":
        lapack.dpotrf(work, lower=True, overwrite_a=True, clean=False)
    elif operation == "cholesky":
        scipy.linalg.cholesky(positive, lower=True)
    elif operation == "solve":
        blas.dtrsm(1.0, factor, work, lower=True, overwrite_b=True)
    elif operation == "product":
        blas.dgemm(1.0, a, positive)
    return (time.perf_counter() - start) * 1000


for line in sys.stdin:
    request = json.loads(line)
    if request["operation"] == "versions":
        build = numpy.show_config(mode="dicts")["Build Dependencies"]["blas"]
        answer = f"numpy {numpy.__version__}, scipy {scipy.__version__}, {build['name']} {build.get('version', '')}"
    else:
        answer = measure(request["operation"], request["n"])
    print(json.dumps(answer), flush=True)
