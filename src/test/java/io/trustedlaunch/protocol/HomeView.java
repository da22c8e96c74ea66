package io.trustedlaunch.protocol;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.fabric8.kubernetes.api.model.Secret;
import io.trustedlaunch.agent.folder.VmFolder;
import io.trustedlaunch.agent.gueststate.DiskHomeFiles;
import io.trustedlaunch.agent.gueststate.Home;
import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.api.vm.ProtectionKeySecret;
import io.trustedlaunch.custody.GuestStateKey;
import io.trustedlaunch.custody.ProtectionKey;
import io.trustedlaunch.failpoint.Failpoints;
import io.trustedlaunch.gueststate.GuestState;
import io.trustedlaunch.gueststate.SealedGuestState;
import io.trustedlaunch.gueststate.SealedGuestState.Opening;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** A VM's home in a host's storage location, as somebody with the VM's key reads it. */
record HomeView(Host host, UUID vm) {
    List<GuestStateVersion> versions() {
        try {
            return home().versions();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** How often the guest had written to its TPM when that state was sealed; empty: it is not here, or does not open. */
    Optional<Integer> tpm(GuestStateVersion version, Secret secret) {
        return state(version, secret).map(state -> GuestFiles.tpm(new String(state.tpm(), UTF_8)));
    }

    /** Empty: it is not here, or does not open. */
    Optional<GuestState> state(GuestStateVersion version, Secret secret) {
        if (!versions().contains(version)) {
            return Optional.empty();
        }
        ProtectionKey key =
                ProtectionKey.of(Base64.getDecoder().decode(secret.getData().get(ProtectionKeySecret.DATA_KEY)));
        try (GuestStateKey opener = key.guestStateKey(vm)) {
            return SealedGuestState.open(home().read(version), vm, version, opener) instanceof Opening.Opened opened
                    ? Optional.of(opened.state())
                    : Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void remove(List<GuestStateVersion> versions) {
        versions.forEach(version -> {
            try {
                Files.delete(file(version));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    Path file(GuestStateVersion version) {
        return folder().resolve("guest-state-" + version.epoch() + "-" + version.generation() + ".p7m");
    }

    Path disk() {
        return new VmFolder(host.vms(), vm).osDisk();
    }

    Path folder() {
        return new VmFolder(host.vms(), vm).path();
    }

    private Home home() {
        return new Home(new DiskHomeFiles(folder()), host.name(), UUID::randomUUID, Failpoints.none());
    }
}
