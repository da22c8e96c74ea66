package io.trustedlaunch.gueststate;

import io.soabase.recordbuilder.core.RecordBuilder;
import io.trustedlaunch.api.DiskIdentity;
import io.trustedlaunch.api.GuestStateVersion;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.regex.Pattern;

/**
 * The state of a VM's TPM and UEFI variables at one moment.
 *
 * @param vm its UID
 * @param version which of the VM's states this is
 * @param claimant whose incarnation sealed it
 * @param dataDisks those that its guest was given
 * @param devices the revision of its incarnation's devices by which they were given to the guest while it ran; 0: at its start
 * @param ekDigest SHA-256 of the TPM's endorsement key, in lower-case hex
 * @param tpm swtpm's state file {@code tpm2-00.permall}, encrypted by swtpm
 * @param variables the UEFI variables' flash image
 * @param trail ends with {@code tpm}
 */
@RecordBuilder
public record GuestState(
        UUID vm,
        GuestStateVersion version,
        Claimant claimant,
        List<DiskIdentity> dataDisks,
        long devices,
        String ekDigest,
        byte[] tpm,
        byte[] variables,
        TpmTrail trail) {
    /** 1 MiB, where some 6 kB are usual. */
    public static final int MAX_TPM_BYTES = 1024 * 1024;
    /** 16 MiB, where 528 KiB are usual: more flash than QEMU's machines have. */
    public static final int MAX_VARIABLES_BYTES = 16 * 1024 * 1024;

    private static final Pattern DIGEST = Pattern.compile("[0-9a-f]{64}");

    /**
     * @throws IllegalArgumentException if a file is too large or empty (a crash leaves empty files, no guest runs with
     *     one), the version does not count from 1, the digest is malformed, or the trail does not end with {@code tpm}
     */
    public GuestState {
        Objects.requireNonNull(vm, "vm");
        Objects.requireNonNull(claimant, "claimant");
        Objects.requireNonNull(trail, "trail");
        dataDisks = List.copyOf(dataDisks);
        requireCounted("epoch", version.epoch());
        requireCounted("generation", version.generation());
        if (!DIGEST.matcher(ekDigest).matches()) {
            throw new IllegalArgumentException("the endorsement key's digest is not SHA-256 in hex");
        }
        requireLength("the TPM's state", tpm, MAX_TPM_BYTES);
        requireLength("the UEFI variables' file", variables, MAX_VARIABLES_BYTES);
        if (!trail.endsWith(tpm)) {
            throw new IllegalArgumentException("the trail does not end with the TPM's state");
        }
        tpm = tpm.clone();
        variables = variables.clone();
    }

    /** Whether the given state of the TPM was sealed before this one. */
    public boolean isNewerThan(byte[] otherTpm) {
        return trail.includes(otherTpm) && !Arrays.equals(tpm, otherTpm);
    }

    private static void requireCounted(String what, Long number) {
        if (number == null || number < 1) {
            throw new IllegalArgumentException("the " + what + " is " + number + "; it must be at least 1");
        }
    }

    private static void requireLength(String what, byte[] file, int limit) {
        if (file.length == 0 || file.length > limit) {
            throw new IllegalArgumentException(
                    what + " has " + file.length + " bytes; 1 to " + limit + " are expected");
        }
    }

    @Override
    public byte[] tpm() {
        return tpm.clone();
    }

    @Override
    public byte[] variables() {
        return variables.clone();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof GuestState that
                && vm.equals(that.vm)
                && version.equals(that.version)
                && claimant.equals(that.claimant)
                && dataDisks.equals(that.dataDisks)
                && devices == that.devices
                && ekDigest.equals(that.ekDigest)
                && Arrays.equals(tpm, that.tpm)
                && Arrays.equals(variables, that.variables)
                && trail.equals(that.trail);
    }

    @Override
    public int hashCode() {
        return Objects.hash(vm, version, Arrays.hashCode(tpm), Arrays.hashCode(variables));
    }

    /** Omits the content, which is confidential. */
    @Override
    public String toString() {
        return "GuestState[" + version + " of VM " + vm + ", TPM " + tpm.length + " bytes, variables "
                + variables.length + " bytes]";
    }
}
