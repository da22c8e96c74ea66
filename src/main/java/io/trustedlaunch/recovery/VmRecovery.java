package io.trustedlaunch.recovery;

import io.fabric8.kubernetes.api.model.Secret;
import io.trustedlaunch.api.Api;
import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.api.vm.ProtectionKeySecret;
import io.trustedlaunch.api.vm.RestoreFrom;
import io.trustedlaunch.api.vm.RetainedVMRecord;
import io.trustedlaunch.api.vm.RetainedVMRecordBuilder;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.api.vm.TrustedLaunchVMSpec;
import io.trustedlaunch.api.vm.TrustedLaunchVMSpecBuilder;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatusGuestStateBuilder;
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
 * Recovers one VM from its folder like a VM that was deleted and retained: a Secret with its key and record, and a VM
 * restored from it. The newest guest state that opens is recorded, so that the cluster never starts an older one.
 */
public final class VmRecovery {
    private final UUID vm;
    private final HomeReader files;
    private final List<String> warnings = new ArrayList<>();

    /** The result for one folder. */
    public sealed interface Outcome {
        /** @param warnings about files that were skipped, and about uncertain facts; sentences for people */
        record Recovered(
                Secret key, TrustedLaunchVM vm, GuestStateVersion newest, String ekDigest, List<String> warnings)
                implements Outcome {
            /** Omits the Secret, which would print its data. */
            @Override
            public String toString() {
                return "Recovered[" + vm.getMetadata().getName() + ", " + newest + ", " + warnings + "]";
            }
        }

        /** @param message why the VM could not be recovered; for people */
        record Failed(String message) implements Outcome {}
    }

    private VmRecovery(UUID vm, HomeReader files) {
        this.vm = vm;
        this.files = files;
    }

    /**
     * @param vm the name of the folder, which is the VM's identity
     * @param namespace the operator's, for the Secret with the key
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
            return failed("has no usable " + EscrowName.DISPLAY_PATTERN);
        }
        Optional<GuestState> newest = newest(names, escrow.get());
        if (newest.isEmpty()) {
            return failed("has no usable guest state, and the VM cannot have its TPM without one");
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
            case Escrow.Opening.Refused(String message) -> skipped(name, message);
            case Escrow.Opening.Opened(Escrow escrow) -> {
                RetainedVMRecord record = escrow.record();
                if (!record.uid().equals(vm.toString())) {
                    yield skipped(name, "it is of VM " + record.uid() + ", but is in the folder of VM " + vm);
                }
                String namespace = escrow.vm().getMetadata().getNamespace();
                if (namespace == null || !namespace.equals(record.namespace())) {
                    yield skipped(name, "its VM is of another namespace than its record");
                }
                yield record.epoch() == epoch
                        ? Optional.of(escrow)
                        : skipped(name, "it is of epoch " + record.epoch() + ", and was renamed");
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
                : skipped(
                        name,
                        "its TPM has endorsement key " + state.ekDigest() + ", but the record has "
                                + recorded.ekDigest());
    }

    private Optional<byte[]> read(String name, int limit) {
        try {
            return Optional.of(files.read(name, limit));
        } catch (IOException e) {
            return skipped(name, "it cannot be read (" + e.getMessage() + ")");
        }
    }

    private <T> Optional<T> skipped(String name, String why) {
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
                restoredFrom(escrow.vm(), record.uid()),
                newest.version(),
                newest.ekDigest(),
                List.copyOf(warnings));
    }

    private RetainedVMRecord record(RetainedVMRecord then, GuestState newest) {
        GuestStateVersion version = newest.version();
        if (version.epoch() > then.epoch()) {
            warnings.add("the newest guest state is of epoch " + version.epoch() + ", but the escrow of epoch "
                    + then.epoch() + ": the VM may have run on another node than "
                    + then.home().nodeName() + " last");
        }
        String cluster = then.home().cluster();
        if (cluster != null && !cluster.equals(newest.claimant().cluster())) {
            warnings.add("the newest guest state was sealed by " + newest.claimant() + ", but the escrow is of cluster "
                    + cluster + ": the VM may run there. If it does not, and never will, approve guest state " + version
                    + " with spec.approveGuestState");
        }
        return RetainedVMRecordBuilder.builder(then)
                .epoch(Math.max(then.epoch(), version.epoch()))
                .vTPM(new TrustedLaunchVMStatus.VTpm(newest.ekDigest(), null))
                .guestState(TrustedLaunchVMStatusGuestStateBuilder.builder()
                        .newest(version)
                        .floor(version)
                        .home(home(then, version))
                        .build())
                .build();
    }

    /** Only the last host knows whether the last incarnation ended cleanly, so the VM continues there. */
    private TrustedLaunchVMStatus.Home home(RetainedVMRecord then, GuestStateVersion newest) {
        return new TrustedLaunchVMStatus.Home(
                then.home().storageLocation(),
                then.home().nodeName(),
                newest.epoch(),
                false,
                then.home().cluster());
    }

    /** The spec without the approval, which must not count again. */
    private TrustedLaunchVM restoredFrom(TrustedLaunchVM before, String uid) {
        TrustedLaunchVMSpec spec = before.getSpec();
        TrustedLaunchVM vm = new TrustedLaunchVM();
        vm.setMetadata(before.getMetadata());
        vm.setSpec(TrustedLaunchVMSpecBuilder.builder(spec)
                .restoreFrom(new RestoreFrom(new RestoreFrom.RetainedVM(uid)))
                .approveGuestState(null)
                .approveRestore(null)
                .build());
        return vm;
    }
}
