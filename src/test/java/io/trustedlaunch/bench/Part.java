package io.trustedlaunch.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/** A process that takes part. */
record Part(long pid) {
    private static final long KIBIBYTE = 1024;

    /** @param file with the process's number and more */
    static Part in(Path file) throws IOException {
        return new Part(Long.parseLong(Files.readString(file).strip().split(" ")[0]));
    }

    /** Processor time so far. */
    Duration cpu() {
        return ProcessHandle.of(pid)
                .flatMap(process -> process.info().totalCpuDuration())
                .orElseThrow();
    }

    /** What it has in memory. */
    long residentBytes() throws IOException {
        return Files.readAllLines(Path.of("/proc", Long.toString(pid), "status")).stream()
                .filter(line -> line.startsWith("VmRSS:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * KIBIBYTE)
                .findFirst()
                .orElseThrow();
    }
}
