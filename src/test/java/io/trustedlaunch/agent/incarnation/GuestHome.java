package io.trustedlaunch.agent.incarnation;

import static io.trustedlaunch.agent.incarnation.IncarnationFixture.VM;
import static io.trustedlaunch.agent.incarnation.IncarnationFixture.version;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.trustedlaunch.custody.GuestStateKey;
import io.trustedlaunch.custody.ProtectionKey;
import io.trustedlaunch.gueststate.GuestState;
import io.trustedlaunch.gueststate.GuestStateName;
import io.trustedlaunch.gueststate.SealedGuestState;
import io.trustedlaunch.gueststate.SealedGuestState.Opening;
import io.trustedlaunch.testkit.SealedStates;
import io.trustedlaunch.testkit.VariableStores;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/** The sealed states of the VM in its folder, opened with its key. */
record GuestHome(Path folder) {
    static final ProtectionKey KEY = ProtectionKey.of(Arrays.copyOf(new byte[] {1}, ProtectionKey.BYTES));

    /** Versions, sorted by name: a state is 1-2, and a rejected one 1-2.rejected. */
    List<String> versions() {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.contains("guest-state"))
                    .sorted()
                    .map(name -> name.replace("guest-state-", "").replace(".p7m", ""))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Path file(String version) {
        return folder.resolve(GuestStateName.of(version(version)));
    }

    GuestState state(String version) {
        try (GuestStateKey key = KEY.guestStateKey(VM)) {
            Opening opening = SealedGuestState.open(Files.readAllBytes(file(version)), VM, version(version), key);
            return ((Opening.Opened) opening).state();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    String tpm(String version) {
        return new String(state(version).tpm(), UTF_8);
    }

    String variables(String version) {
        return new String(state(version).variables(), ISO_8859_1);
    }

    /** Anyone with the VM's key can seal a state and write it to the home. */
    void put(String version, String ek, String tpm) throws IOException {
        GuestState state =
                SealedStates.state(VM, version(version), ek, tpm.getBytes(UTF_8), VariableStores.with("platform key"));
        try (GuestStateKey key = KEY.guestStateKey(VM)) {
            Files.write(file(version), SealedGuestState.seal(state, key, new SecureRandom()));
        }
    }
}
