package io.trustedlaunch.recovery;

import io.fabric8.kubernetes.api.model.Secret;
import io.trustedlaunch.api.Api;
import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.api.ProtectionKeySecret;
import io.trustedlaunch.api.RestoreFrom;
import io.trustedlaunch.api.RetainedVMRecord;
import io.trustedlaunch.api.RetainedVMRecordBuilder;
import io.trustedlaunch.api.TrustedLaunchVM;
import io.trustedlaunch.api.TrustedLaunchVMSpec;
import io.trustedlaunch.api.TrustedLaunchVMSpecBuilder;
import io.trustedlaunch.api.TrustedLaunchVMStatus;
import io.trustedlaunch.api.TrustedLaunchVMStatusGuestStateBuilder;
import io.trustedlaunch.custody.GuestStateKey;
import io.trustedlaunch.custody.RecoveryKey;
import io.trustedlaunch.gueststate.GuestState;
import io.trustedlaunch.gueststate.GuestStateName;
import io.trustedlaunch.gueststate.HomeReader;
import io.trustedlaunch.gueststate.SealedGuestState;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * Brings one VM back from its folder, as a VM that was deleted and kept: its key with its record, and a VM that takes it
 * over. The newest guest state that opens becomes the floor, so that the cluster starts it from nothing older.
 */
public final class VmRecovery {
    private final UUID vm;
    private final HomeReader files;
    private final List<String> warnings = new ArrayList<>();

    /** What came of one folder. */
    public sealed interface Outcome {
        /** @param warnings of files that were passed over, and of what is not certain; sentences for people */
        record Recovered(
                Secret key, TrustedLaunchVM vm, GuestStateVersion newest, String ekDigest, List<String> warnings)
                implements Outcome {
            /** Never the Secret, which would print its data. */
            @Override
            public String toString() {
                return "Recovered[" + vm.getMetadata().getName() + ", " + newest + ", " + warnings + "]";
            }
        }

        /** @param message why nothing came of it; for people */
        record Failed(String message) implements Outcome {}
    }

    private VmRecovery(UUID vm, HomeReader files) {
        this.vm = vm;
        this.files = files;
    }

    /**
     * @param vm the name of the folder, which is the VM's identity
     * @param namespace the operator's own, where the key goes
     */
    public static Outcome of(UUID vm, HomeReader files, RecoveryKey key, String namespace) {
        try {
            return new VmRecovery(vm, files).recover(key, namespace);
        } catch (IOException e) {
            return new Outcome.Failed("the folder cannot be listed: " + e.getMessage());
        }
    }

    private Outcome recover(RecoveryKey key, String namespace) throws IOException {
        List<String> names = files.list();
        Optional<Escrow> escrow = escrow(names, key);
        if (escrow.isEmpty()) {
            return failed("holds no " + EscrowName.PATTERN_FOR_PEOPLE + " that can be used");
        }
        Optional<GuestState> newest = newest(names, escrow.get());
        if (newest.isEmpty()) {
            return failed("holds no guest state that can be used, without which the VM has no TPM");
        }
        return recovered(escrow.get(), newest.get(), namespace);
    }

    private Outcome failed(String why) {
        return new Outcome.Failed(
                String.join("; ", warnings) + (warnings.isEmpty() ? "the folder " : "; the folder ") + why);
    }

    private Optional<Escrow> escrow(List<String> names, RecoveryKey key) {
        return names.stream()
                .flatMapToLong(name -> EscrowName.parse(name).stream())
                .boxed()
                .sorted(Comparator.reverseOrder())
                .flatMap(epoch -> escrow(epoch, key).stream())
                .findFirst();
    }

    private Optional<Escrow> escrow(long epoch, RecoveryKey key) {
        String name = EscrowName.of(epoch);
        return read(name, Escrow.MAX_BYTES + 1).flatMap(file -> switch (Escrow.open(file, key)) {
            case Escrow.Opening.Refused(String message) -> passedOver(name, message);
            case Escrow.Opening.Opened(Escrow escrow) -> {
                RetainedVMRecord record = escrow.record();
                if (!record.uid().equals(vm.toString())) {
                    yield passedOver(name, "it is of VM " + record.uid() + ", and lies in the folder of " + vm);
                }
                yield record.epoch() == epoch
                        ? Optional.of(escrow)
                        : passedOver(name, "it is of epoch " + record.epoch() + ", and somebody renamed it");
            }
        });
    }

    private Optional<GuestState> newest(List<String> names, Escrow escrow) {
        try (GuestStateKey key = escrow.key().guestStateKey(vm)) {
            return names.stream()
                    .flatMap(name -> GuestStateName.parse(name).stream())
                    .sorted(Comparator.reverseOrder())
                    .flatMap(version -> state(version, key, escrow).stream())
                    .findFirst();
        }
    }

    private Optional<GuestState> state(GuestStateVersion version, GuestStateKey key, Escrow escrow) {
        String name = GuestStateName.of(version);
        return read(name, SealedGuestState.MAX_BYTES + 1)
                .flatMap(file -> switch (SealedGuestState.open(file, vm, version, key)) {
                    case SealedGuestState.Opening.Refused refused -> {
                        warnings.add(refused.message());
                        yield Optional.empty();
                    }
                    case SealedGuestState.Opening.Opened(GuestState state) -> sameTpm(name, state, escrow);
                });
    }

    private Optional<GuestState> sameTpm(String name, GuestState state, Escrow escrow) {
        TrustedLaunchVMStatus.VTpm recorded = escrow.record().vTPM();
        return recorded == null || recorded.ekDigest().equals(state.ekDigest())
                ? Optional.of(state)
                : passedOver(
                        name,
                        "it is of a TPM with endorsement key " + state.ekDigest() + ", on record is "
                                + recorded.ekDigest());
    }

    private Optional<byte[]> read(String name, int limit) {
        try {
            return Optional.of(files.read(name, limit));
        } catch (IOException e) {
            return passedOver(name, "it cannot be read (" + e.getMessage() + ")");
        }
    }

    private <T> Optional<T> passedOver(String name, String why) {
        warnings.add(name + " cannot be used: " + why);
        return Optional.empty();
    }

    private Outcome recovered(Escrow escrow, GuestState newest, String namespace) {
        RetainedVMRecord record = record(escrow.record(), newest);
        Secret secret = ProtectionKeySecret.of(
                namespace,
                record.uid(),
                record.namespace(),
                record.name(),
                escrow.key().bytes());
        secret.getMetadata().getAnnotations().put(Api.RETAINED_VM, record.toJson());
        return new Outcome.Recovered(
                secret,
                takingOver(escrow.vm(), record.uid()),
                newest.version(),
                newest.ekDigest(),
                List.copyOf(warnings));
    }

    /** Whether the last life ended well, its host knows, and only that: the VM goes on there, whatever became of it. */
    private RetainedVMRecord record(RetainedVMRecord then, GuestState newest) {
        GuestStateVersion version = newest.version();
        if (version.epoch() > then.epoch()) {
            warnings.add("the newest guest state is of epoch " + version.epoch() + ", and the escrow of epoch "
                    + then.epoch() + ": that the VM was on node " + then.nodeName() + " last is not certain");
        }
        return RetainedVMRecordBuilder.builder(then)
                .epoch(Math.max(then.epoch(), version.epoch()))
                .complete(false)
                .vTPM(new TrustedLaunchVMStatus.VTpm(newest.ekDigest(), null))
                .guestState(TrustedLaunchVMStatusGuestStateBuilder.builder()
                        .newest(version)
                        .floor(version)
                        .build())
                .build();
    }

    /** What was approved once must not be taken for approved again. */
    private static TrustedLaunchVM takingOver(TrustedLaunchVM before, String uid) {
        TrustedLaunchVMSpec spec = before.getSpec();
        TrustedLaunchVM vm = new TrustedLaunchVM();
        vm.setMetadata(before.getMetadata());
        vm.setSpec(TrustedLaunchVMSpecBuilder.builder(spec)
                .restoreFrom(new RestoreFrom(new RestoreFrom.RetainedVM(uid)))
                .approveGuestState(null)
                .build());
        return vm;
    }
}
