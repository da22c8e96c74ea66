package io.trustedlaunch.e2e;

import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.trustedlaunch.testkit.Lab;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** How long the writes of a guest to its first data disk take, by QEMU's own histogram. */
record WriteLatency(Lab lab, String host, String vm) {
    private static final String DISK = "/machine/peripheral/virtio-disk1/virtio-backend";
    private static final int INTERVALS = 60;
    private static final double FIRST_NANOSECONDS = 50_000;
    private static final double STEP = 1.2;
    private static final ObjectMapper JSON = new ObjectMapper();

    /**
     * @param writes how many there were
     * @param mean in milliseconds
     * @param p99 in milliseconds, as exact as the histogram's intervals, which grow by a fifth
     */
    record Measured(long writes, double mean, double p99) {}

    /** Forgets all writes so far. */
    void begin() {
        String boundaries = IntStream.range(0, INTERVALS)
                .mapToObj(i -> Long.toString(boundary(i)))
                .collect(Collectors.joining(","));
        monitor("""
                {"execute": "block-latency-histogram-set",
                 "arguments": {"id": "%s", "boundaries-write": [%s]}}""".formatted(DISK, boundaries));
    }

    /** Since {@link #begin}. */
    Measured measured() {
        JsonNode bins = bins();
        long writes = 0;
        double nanoseconds = 0;
        for (int i = 0; i < bins.size(); i++) {
            writes += bins.get(i).asLong();
            // The middle of the interval.
            nanoseconds += bins.get(i).asLong() * (boundary(i - 1) + boundary(i)) / 2.0;
        }
        long rest = writes / 100;
        int last = bins.size() - 1;
        while (last > 0 && rest >= bins.get(last).asLong()) {
            rest -= bins.get(last--).asLong();
        }
        return new Measured(writes, nanoseconds / Math.max(1, writes) / 1e6, boundary(last) / 1e6);
    }

    /** Waits until the guest has written so often. */
    Measured after(long writes) {
        return await("writes of the guest")
                .atMost(Stage.TIMEOUT)
                .until(this::measured, measured -> measured.writes() >= writes);
    }

    private static long boundary(int interval) {
        return interval < 0 ? 0 : Math.round(FIRST_NANOSECONDS * Math.pow(STEP, interval));
    }

    private JsonNode bins() {
        for (JsonNode device : monitor("{\"execute\": \"query-blockstats\"}").path("return")) {
            if (device.path("qdev").asText().equals(DISK)) {
                return device.path("stats").path("wr_latency_histogram").path("bins");
            }
        }
        throw new IllegalStateException("the guest has no disk " + DISK);
    }

    private JsonNode monitor(String command) {
        try {
            return JSON.readTree(lab.exec(host, "virsh", "qemu-monitor-command", vm, command));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }
}
