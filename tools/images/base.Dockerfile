# The base of the images that tools/images/build.sh builds, where no registry is within reach: a C library from Debian, the pinned Node, and nothing else: no shell,
# no package manager. Any base with the same Node will do as well (deploy/Dockerfile).
FROM scratch
ADD root.tar /
COPY node /usr/local/bin/node
ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
USER 65532:65532
