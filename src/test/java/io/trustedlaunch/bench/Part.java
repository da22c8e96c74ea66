package io.trustedlaunch.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A process that takes part. */
record Part(long pid) {
    private static final long KIBIBYTE = 1024;
    private static final Pattern ALL = Pattern.compile("^Total\\s+\\d+\\s+(\\d+)", Pattern.MULTILINE);
    /** Gaps that a collection left. */
    private static final Pattern GAPS =
            Pattern.compile("^\\s*\\d+:\\s+\\d+\\s+(\\d+)\\s+\\S*FillerElement;", Pattern.MULTILINE);

    private static final Pattern MOST = Pattern.compile("-XX:MaxHeapSize=(\\d+)");

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
        return status("VmRSS:");
    }

    /** The most that it had in memory so far. */
    long mostResidentBytes() throws IOException {
        return status("VmHWM:");
    }

    private long status(String field) throws IOException {
        return Files.readAllLines(Path.of("/proc", Long.toString(pid), "status")).stream()
                .filter(line -> line.startsWith(field))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * KIBIBYTE)
                .findFirst()
                .orElseThrow();
    }

    /**
     * What lives in its heap after a collection.
     *
     * @param histogram file for what it is, by classes
     */
    long liveHeapBytes(Path histogram) throws IOException, InterruptedException {
        String printed = jcmd("GC.class_histogram");
        Files.writeString(histogram, printed);
        Matcher gaps = GAPS.matcher(printed);
        return found(ALL, printed) - (gaps.find() ? Long.parseLong(gaps.group(1)) : 0);
    }

    /** The most that its heap may have. */
    long heapBytes() throws IOException, InterruptedException {
        return found(MOST, jcmd("VM.flags"));
    }

    private static long found(Pattern pattern, String printed) {
        Matcher number = pattern.matcher(printed);
        if (!number.find()) {
            throw new IllegalStateException("jcmd did not print " + pattern + ": " + printed);
        }
        return Long.parseLong(number.group(1));
    }

    private String jcmd(String command) throws IOException, InterruptedException {
        Process jcmd = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(), Long.toString(pid), command)
                .redirectErrorStream(true)
                .start();
        String printed = new String(jcmd.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        jcmd.waitFor();
        return printed;
    }
}
