package io.trustedlaunch.gueststate;

import io.trustedlaunch.gueststate.Manifest.FileEntry;
import java.io.ByteArrayOutputStream;
import java.util.List;

/** A guest state as the ZIP that is sealed: the manifest, which is read first, and two files. */
final class GuestStateArchive {
    static final String MANIFEST = "manifest.json";
    static final String TPM = "tpm2-00.permall";
    static final String VARIABLES = "uefi-variables.fd";

    private GuestStateArchive() {}

    static byte[] encode(GuestState state) {
        List<ZipMember> members = List.of(
                ZipMember.of(MANIFEST, Manifest.of(state).encoded()),
                ZipMember.of(TPM, state.tpm()),
                ZipMember.of(VARIABLES, state.variables()));
        ByteArrayOutputStream zip = new ByteArrayOutputStream();
        for (ZipMember member : members) {
            zip.writeBytes(member.localHeader());
            zip.writeBytes(member.deflated());
        }
        zip.writeBytes(ZipDirectory.of(members));
        return zip.toByteArray();
    }

    static GuestState decode(byte[] zip) throws ContentDamagedException {
        ZipReading reading = new ZipReading(zip);
        Manifest manifest = Manifest.parse(reading.next(MANIFEST, Manifest.MAX_BYTES));
        byte[] tpm = reading.next(TPM, GuestState.MAX_TPM_BYTES);
        byte[] variables = reading.next(VARIABLES, GuestState.MAX_VARIABLES_BYTES);
        reading.end();
        requireSame(TPM, manifest.tpm(), tpm);
        requireSame(VARIABLES, manifest.uefiVariables(), variables);
        try {
            return GuestStateBuilder.builder()
                    .vm(manifest.vm())
                    .version(manifest.version())
                    .claimant(manifest.claimant())
                    .dataDisks(manifest.disks())
                    .devices(manifest.devices())
                    .ekDigest(manifest.ekDigest())
                    .tpm(tpm)
                    .variables(variables)
                    .trail(manifest.trail())
                    .build();
        } catch (IllegalArgumentException | NullPointerException e) {
            throw new ContentDamagedException("its manifest has values that no state has");
        }
    }

    private static void requireSame(String name, FileEntry expected, byte[] file) throws ContentDamagedException {
        if (!FileEntry.of(file).equals(expected)) {
            throw new ContentDamagedException(name + " in it is not the file that its manifest names");
        }
    }
}
