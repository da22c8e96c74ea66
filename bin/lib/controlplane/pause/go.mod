module io.trustedlaunch/lab/pause

go 1.26.0
