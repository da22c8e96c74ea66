package io.trustedlaunch.api.vm;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.trustedlaunch.api.vm.GuestInfo.FileSystem;
import java.io.IOException;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class GuestInfoTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** A node that is compromised writes any status that the schema permits, and an older schema permits all. */
    @Test
    void whoeverReadsItGetsBoundedPrintableTexts() throws IOException {
        String evil = "\\u001b[2J\\n\\u202e" + "x".repeat(5000);
        String fileSystem =
                "{\"mountPoint\":\"%s\",\"type\":\"%s\",\"totalBytes\":-5,\"usedPercent\":4711}".formatted(evil, evil);
        GuestInfo read = JSON.readValue(
                ("{\"reportTime\":\"%1$s\",\"agent\":{\"connected\":true,\"version\":\"%1$s\"},\"hostName\":\"%1$s\","
                                + "\"os\":{\"id\":\"%1$s\",\"name\":\"%1$s\",\"version\":\"%1$s\",\"kernelRelease\":\"%1$s\"},"
                                + "\"timeZone\":{\"name\":\"%1$s\",\"offsetSeconds\":2147483647},\"fileSystems\":[%2$s],\"more\":1}")
                        .formatted(
                                evil,
                                IntStream.range(0, 100)
                                        .mapToObj(i -> fileSystem)
                                        .collect(Collectors.joining(","))),
                GuestInfo.class);

        assertThat(List.of(
                        read.reportTime(),
                        read.agent().version(),
                        read.hostName(),
                        read.os().id(),
                        read.os().name(),
                        read.os().version(),
                        read.os().kernelRelease(),
                        read.timeZone().name()))
                .allSatisfy(text -> assertThat(text).startsWith("?[2J??x").hasSizeLessThanOrEqualTo(253));
        assertThat(read.timeZone().offsetSeconds()).isEqualTo(64_800);
        assertThat(read.fileSystems())
                .hasSize(16)
                .allMatch(
                        each -> each.mountPoint().length() == 128 && each.type().length() == 32)
                .allMatch(each -> each.totalBytes() == 0 && each.usedPercent() == 100);
        assertThat(JSON.writeValueAsString(read)).hasSizeLessThan(5000);
    }

    @Test
    void whatIsEmptyIsAbsent() throws IOException {
        assertThat(JSON.readValue("{\"hostName\":\" \",\"fileSystems\":null}", GuestInfo.class))
                .isEqualTo(GuestInfoBuilder.builder().build());
    }

    @Test
    void fileSystemsFromNinetyPercentOnAreNearlyFull() {
        assertThat(GuestInfoBuilder.builder()
                        .fileSystems(List.of(
                                new FileSystem("/", "ext4", 1L, 89),
                                new FileSystem("/a", "ext4", 1L, 90),
                                new FileSystem("/b", "ext4", 1L, null)))
                        .build()
                        .nearlyFull())
                .isEqualTo(1);
    }
}
