package io.trustedlaunch.gueststate;

import static io.trustedlaunch.gueststate.GuestStateFixture.OLDER_VERSION;
import static io.trustedlaunch.gueststate.GuestStateFixture.VM;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.gueststate.SealedGuestState.Opening.Opened;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;

/** Every field of the ZIP, sealed with the VM's own key: only its holder gets this far. */
class ArchiveDamageTest {
    /** Of a member's header, by length in bytes: PKWARE's APPNOTE, 4.3.7. */
    private static final Map<String, Integer> LOCAL = fields(
            "signature 4, version 2, flags 2, method 2, time 2, date 2, crc 4, deflated size 4, size 4, name length 2,"
                    + " extra length 2");

    /** Of its record in the directory: 4.3.12. */
    private static final Map<String, Integer> RECORD = fields(
            "signature 4, made by 2, version 2, flags 2, method 2, time 2, date 2, crc 4, deflated size 4, size 4,"
                    + " name length 2, extra length 2, comment length 2, disk 2, internal 2, external 4, offset 4");

    /** Of the directory's end: 4.3.16. */
    private static final Map<String, Integer> END = fields("signature 4, disk 2, directory's disk 2, entries here 2,"
            + " entries 2, directory size 4, directory offset 4, comment length 2");

    private static final List<String> NAMES =
            List.of(GuestStateArchive.MANIFEST, GuestStateArchive.TPM, GuestStateArchive.VARIABLES);

    private final GuestStateFixture fixture = new GuestStateFixture();
    private final byte[] zip = GuestStateArchive.encode(fixture.state);
    private final List<Damage> damages = new ArrayList<>();

    @Test
    void theContentThatTheDamagesAreMadeFromOpens() {
        assertThat(fixture.openContent(zip)).isEqualTo(new Opened(fixture.state));
    }

    @Test
    void javaReadsTheSameFilesFromIt() throws IOException {
        assertThat(unzipped(zip).keySet()).containsExactlyElementsOf(NAMES);
        assertThat(unzipped(zip))
                .hasEntrySatisfying(
                        GuestStateArchive.TPM, tpm -> assertThat(tpm).isEqualTo(fixture.state.tpm()))
                .hasEntrySatisfying(
                        GuestStateArchive.VARIABLES,
                        variables -> assertThat(variables).isEqualTo(fixture.state.variables()));
    }

    @Test
    void everyDamageOfEveryFieldIsRefused() {
        int at = 0;
        for (String name : NAMES) {
            int deflated = ByteBuffer.wrap(zip).order(ByteOrder.LITTLE_ENDIAN).getInt(at + 18);
            at = flips(name + " header", at, LOCAL);
            at = flips(name, at, Map.of("name", name.length()));
            at = flips(name, at, Map.of("data", deflated));
        }
        for (String name : NAMES) {
            at = flips(name + " record", at, RECORD);
            at = flips(name + " record", at, Map.of("name", name.length()));
        }
        assertThat(flips("end", at, END)).isEqualTo(zip.length);
        add("trailing byte", Arrays.copyOf(zip, zip.length + 1));
        add("leading byte", concatenated(new byte[1], zip));
        add("twice", concatenated(zip, zip));

        Damage.checkAll("ZIP inside", damages, fixture::openContent);
    }

    @Test
    void exactlyTheThreeFilesInOrderAreAccepted() throws IOException {
        Map<String, byte[]> files = unzipped(zip);
        List<ZipMember> three = files.entrySet().stream()
                .map(file -> ZipMember.of(file.getKey(), file.getValue()))
                .toList();
        ZipMember manifest = three.get(0);
        ZipMember tpm = three.get(1);
        ZipMember variables = three.get(2);
        add("no file", archive());
        add("manifest missing", archive(tpm, variables));
        add("TPM missing", archive(manifest, variables));
        add("variables missing", archive(manifest, tpm));
        add("TPM twice", archive(manifest, tpm, tpm, variables));
        add("variables twice", archive(manifest, tpm, variables, variables));
        add("manifest twice", archive(manifest, manifest, tpm, variables));
        add("manifest last", archive(tpm, variables, manifest));
        add("files exchanged", archive(manifest, variables, tpm));
        add("one more", archive(manifest, tpm, variables, ZipMember.of("more", new byte[9])));
        add("names exchanged", archive(manifest, named(GuestStateArchive.TPM, variables), named("x", tpm)));
        add("another name", archive(manifest, tpm, named("uefi-variables.fd ", variables)));
        add("written by another ZIP writer", streamed(files));

        assertThat(fixture.openContent(archive(manifest, tpm, variables))).isEqualTo(new Opened(fixture.state));
        Damage.checkAll("files inside", damages, fixture::openContent);
    }

    @Test
    void aFileThatIsNotTheOneInTheManifestIsRefused() {
        ZipMember manifest = ZipMember.of(
                GuestStateArchive.MANIFEST, Manifest.of(fixture.state).encoded());
        GuestState older = GuestStateFixture.state(VM, OLDER_VERSION, 2);
        ZipMember tpm = ZipMember.of(GuestStateArchive.TPM, fixture.state.tpm());
        ZipMember variables = ZipMember.of(GuestStateArchive.VARIABLES, fixture.state.variables());
        add("older TPM", archive(manifest, ZipMember.of(tpm.name(), older.tpm()), variables));
        add("older variables", archive(manifest, tpm, ZipMember.of(variables.name(), older.variables())));
        ZipMember miscounted = new ZipMember(tpm.name(), tpm.crc() + 1, tpm.size(), tpm.deflated());
        add("TPM with another checksum in both places", archive(manifest, miscounted, variables));
        add("empty TPM", archive(manifest, ZipMember.of(tpm.name(), new byte[0]), variables));
        add("empty variables", archive(manifest, tpm, ZipMember.of(variables.name(), new byte[0])));

        Damage.checkAll("files of another state inside", damages, fixture::openContent);
    }

    @Test
    void noMoreIsUnpackedThanIsAllowedOrAnnounced() {
        ZipMember manifest = ZipMember.of(
                GuestStateArchive.MANIFEST, Manifest.of(fixture.state).encoded());
        ZipMember tpm = ZipMember.of(GuestStateArchive.TPM, fixture.state.tpm());
        ZipMember bomb = ZipMember.of(GuestStateArchive.VARIABLES, new byte[GuestState.MAX_VARIABLES_BYTES + 1]);
        add("too large", archive(manifest, tpm, bomb));
        add("too large TPM", archive(manifest, ZipMember.of(tpm.name(), new byte[GuestState.MAX_TPM_BYTES + 1])));
        add("too large manifest", archive(ZipMember.of(manifest.name(), new byte[Manifest.MAX_BYTES + 1])));
        for (int announced : new int[] {0, 1, 8192, GuestState.MAX_VARIABLES_BYTES, -1, Integer.MIN_VALUE}) {
            ZipMember lying = new ZipMember(bomb.name(), bomb.crc(), announced, bomb.deflated());
            add("announced as " + announced, archive(manifest, tpm, lying));
        }

        Damage.checkAll("bombs inside", damages, fixture::openContent);
    }

    /** All bits at once, so that those of the compression that mean nothing are not the only ones. */
    private int flips(String part, int from, Map<String, Integer> fields) {
        int at = from;
        for (Map.Entry<String, Integer> field : fields.entrySet()) {
            String what = part + " " + field.getKey();
            int last = at + field.getValue() - 1;
            add(what + " first byte inverted", Damage.flipped(zip, at, 0xff));
            add(what + " last byte inverted", Damage.flipped(zip, last, 0xff));
            add(what + " cut", Arrays.copyOf(zip, at));
            byte[] zeroed = zip.clone();
            Arrays.fill(zeroed, at, last + 1, (byte) 0);
            if (!Arrays.equals(zeroed, zip)) {
                add(what + " zeroed", zeroed);
            }
            at = last + 1;
        }
        return at;
    }

    private void add(String what, byte[] content) {
        damages.add(new Damage(what, content, GuestStateFault.CONTENT_DAMAGED));
    }

    private static ZipMember named(String name, ZipMember member) {
        return new ZipMember(name, member.crc(), member.size(), member.deflated());
    }

    private static byte[] archive(ZipMember... members) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (ZipMember member : members) {
            out.writeBytes(member.localHeader());
            out.writeBytes(member.deflated());
        }
        out.writeBytes(ZipDirectory.of(List.of(members)));
        return out.toByteArray();
    }

    private static byte[] streamed(Map<String, byte[]> files) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (ZipOutputStream stream = new ZipOutputStream(out, US_ASCII)) {
            for (Map.Entry<String, byte[]> file : files.entrySet()) {
                stream.putNextEntry(new ZipEntry(file.getKey()));
                stream.write(file.getValue());
            }
        }
        return out.toByteArray();
    }

    private static Map<String, byte[]> unzipped(byte[] zip) throws IOException {
        Map<String, byte[]> files = new LinkedHashMap<>();
        try (ZipInputStream stream = new ZipInputStream(new ByteArrayInputStream(zip), US_ASCII)) {
            for (ZipEntry entry = stream.getNextEntry(); entry != null; entry = stream.getNextEntry()) {
                files.put(entry.getName(), stream.readAllBytes());
            }
        }
        return files;
    }

    private static byte[] concatenated(byte[] first, byte[] second) {
        return ByteBuffer.allocate(first.length + second.length)
                .put(first)
                .put(second)
                .array();
    }

    private static Map<String, Integer> fields(String description) {
        Map<String, Integer> fields = new LinkedHashMap<>();
        for (String field : description.split(", *", -1)) {
            int space = field.lastIndexOf(' ');
            fields.put(field.substring(0, space), Integer.valueOf(field.substring(space + 1)));
        }
        return fields;
    }
}
