FROM busybox
RUN echo before
RUN echo out && echo bad >&2 && exit 3
RUN echo never
