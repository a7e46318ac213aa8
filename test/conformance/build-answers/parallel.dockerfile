FROM busybox AS a
RUN echo a; sleep 1; echo a2
FROM busybox AS b
RUN echo b; sleep 1; echo b2
FROM busybox
COPY --from=a /etc/passwd /a
COPY --from=b /etc/passwd /b
