package io.trustedlaunch.agent.tpm;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.files.FileTree;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** How swtpm handles damaged state: the probe before a guest's start finds each damage, or the TPM is the same. */
class SwtpmDamageIT {
    private static final TpmSecret SECRET = secret("00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff");
    private static final TpmSecret OTHER = secret("ff112233445566778899aabbccddeeff00112233445566778899aabbccddeeff");
    private static final Duration TIMEOUT = Duration.ofSeconds(60);
    private static final int FLIPS = 48;

    private final SwtpmTools tools = SwtpmTools.ofThisHost();
    private Path root;
    private EkProbe probe;
    private SwtpmFactory factory;

    @BeforeEach
    void makeRoot() throws IOException {
        root = Files.createTempDirectory("tl-swtpm-");
        Files.setPosixFilePermissions(root, PosixFilePermissions.fromString("rwx--x--x"));
        probe = new EkProbe(tools, root.resolve("p"), TIMEOUT, UUID::randomUUID);
        factory = new SwtpmFactory(tools, probe, TIMEOUT);
    }

    @AfterEach
    void removeRoot() throws IOException {
        FileTree.of(root).delete();
    }

    @Test
    void everyDamageOfTheStateIsFound() throws IOException {
        EndorsementKey key = factory.manufacture(UUID.randomUUID(), folder("own"), SECRET);
        byte[] whole = Files.readAllBytes(state("own"));
        factory.manufacture(UUID.randomUUID(), folder("other-key"), OTHER);
        EndorsementKey anotherTpm = factory.manufacture(UUID.randomUUID(), folder("other-tpm"), SECRET);
        assertThat(anotherTpm).isNotEqualTo(key);

        Map<String, byte[]> damages = new LinkedHashMap<>();
        for (int flip = 0; flip < FLIPS; flip++) {
            // swtpm's header first, then all over the file.
            int at = flip < 24 ? flip : whole.length - 1 - (flip - 24) * (whole.length - 24) / 24;
            byte[] flipped = whole.clone();
            flipped[at] ^= 1;
            damages.put("flipped byte " + at, flipped);
        }
        for (int length : new int[] {1, 9, 10, 11, 16, 24, whole.length / 2, whole.length - 1}) {
            damages.put("cut to " + length, Arrays.copyOf(whole, length));
        }
        damages.put("extended by one", Arrays.copyOf(whole, whole.length + 1));
        damages.put("extended by itself", twice(whole));
        damages.put("under another key", Files.readAllBytes(state("other-key")));
        damages.put("no TPM", "this is no TPM".getBytes(StandardCharsets.US_ASCII));

        Map<String, String> outcomes = new LinkedHashMap<>();
        damages.forEach((name, bytes) -> outcomes.put(name, outcome(bytes, key)));
        outcomes.forEach((name, outcome) -> System.out.println("working copy, TPM state, " + name + ": " + outcome));
        assertThat(outcomes)
                .hasSize(damages.size())
                .allSatisfy((name, outcome) ->
                        assertThat(outcome).as(name).isIn("WrongKey", "Damaged", "CommandRefused", "the same TPM"));
        assertThat(outcomes.entrySet())
                .filteredOn(entry -> entry.getValue().equals("the same TPM"))
                .extracting(Map.Entry::getKey)
                // The minimum version of swtpm and the flags, which its HMAC does not cover.
                .isSubsetOf("flipped byte 1", "flipped byte 4", "flipped byte 5");
        assertThat(outcome(Files.readAllBytes(state("other-tpm")), key)).isEqualTo("another TPM");
    }

    private String outcome(byte[] bytes, EndorsementKey key) {
        Path file = root.resolve("damaged");
        try {
            Files.write(file, bytes);
            return probe.probe(file, SECRET).equals(key) ? "the same TPM" : "another TPM";
        } catch (TpmException e) {
            return e.failure().getClass().getSimpleName();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static byte[] twice(byte[] whole) {
        byte[] twice = Arrays.copyOf(whole, 2 * whole.length);
        System.arraycopy(whole, 0, twice, whole.length, whole.length);
        return twice;
    }

    private Path folder(String name) {
        return root.resolve(name);
    }

    private Path state(String name) {
        return folder(name).resolve("tpm2").resolve("tpm2-00.permall");
    }

    private static TpmSecret secret(String text) {
        return TpmSecret.of(text.getBytes(StandardCharsets.US_ASCII));
    }
}
