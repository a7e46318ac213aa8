FROM busybox
RUN echo hello && echo err >&2
COPY a.txt /a
CMD echo hi
