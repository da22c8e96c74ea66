package io.trustedlaunch.gueststate;

import static io.trustedlaunch.gueststate.GuestStateFixture.OTHER_VM;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.trustedlaunch.gueststate.SealedGuestState.Opening;
import io.trustedlaunch.gueststate.SealedGuestState.Opening.Opened;
import io.trustedlaunch.testkit.Golden;
import io.trustedlaunch.testkit.Incarnations;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Every field of the manifest, sealed with the VM's own key. Another digest of an endorsement key is not among them:
 * nothing here can know better, and the probe of the TPM does.
 */
class ManifestDamageTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final List<String> FIELDS = List.of(
            "/format",
            "/vm",
            "/epoch",
            "/generation",
            "/claimant",
            "/claimant/cluster",
            "/claimant/node",
            "/claimant/nonce",
            "/dataDisks",
            "/ekDigest",
            "/tpm",
            "/tpm/size",
            "/tpm/sha256",
            "/uefiVariables",
            "/uefiVariables/size",
            "/uefiVariables/sha256",
            "/tpmTrail");

    /** Values that no field has; some are of the right type. */
    private static final List<String> VALUES = List.of(
            "null",
            "\"\"",
            "0",
            "-1",
            "7.0",
            "7e0",
            "1.5",
            "true",
            "[]",
            "{}",
            "\"7\"",
            "99999999999999999999999",
            "\" \"");

    /** Any name may be in them. */
    private static final List<String> NAMES = List.of("/claimant/cluster", "/claimant/node");

    private final GuestStateFixture fixture = new GuestStateFixture();
    private final String manifest = new String(Manifest.of(fixture.state).encoded(), UTF_8);
    private final List<Damage> damages = new ArrayList<>();

    @Test
    void itReadsAsDocumented() throws IOException {
        JsonNode tree = JSON.readTree(manifest);

        assertThat(tree.at("/format").intValue()).isEqualTo(1);
        assertThat(tree.at("/vm").textValue()).isEqualTo(fixture.state.vm().toString());
        assertThat(tree.at("/epoch").longValue()).isEqualTo(3);
        assertThat(tree.at("/generation").longValue()).isEqualTo(7);
        assertThat(tree.at("/claimant/cluster").textValue()).isEqualTo(Incarnations.CLUSTER);
        assertThat(tree.at("/claimant/node").textValue()).isEqualTo("host-a");
        assertThat(tree.at("/claimant/nonce").textValue()).hasSize(32);
        assertThat(tree.at("/tpm/size").intValue()).isEqualTo(6000);
        assertThat(open(manifest.getBytes(UTF_8))).isEqualTo(new Opened(fixture.state));
        assertThat(open(tree.toPrettyString().getBytes(UTF_8))).isEqualTo(new Opened(fixture.state));
    }

    /**
     * Agents of two versions read each other's states while they are upgraded. Who changes this file increases the format,
     * or moves {@code src/test/upgrade-from} while nothing is released.
     */
    @Test
    void itsFormIsWhatAgentsOfBeforeReadAndWrite() throws IOException {
        Golden.check(
                Path.of("src/test/resources/golden/gueststate/manifest.json"),
                JSON.readTree(Manifest.of(fixture.state).encoded()).toPrettyString() + "\n");
    }

    @Test
    void everyDamageOfEveryFieldHasItsFault() throws IOException {
        for (String field : FIELDS) {
            add(field + " removed", without(field), GuestStateFault.CONTENT_DAMAGED);
            add(field + " doubled", doubled(field), GuestStateFault.CONTENT_DAMAGED);
            add(field + " renamed", renamed(field), GuestStateFault.CONTENT_DAMAGED);
            for (String value : VALUES) {
                if ((NAMES.contains(field) && value.equals("\"7\""))
                        || (field.equals("/dataDisks") && value.equals("[]"))) {
                    continue;
                }
                add(field + " = " + value, with(field, value), GuestStateFault.CONTENT_DAMAGED);
            }
        }
        add("later format", with("/format", "2"), GuestStateFault.UNSUPPORTED_FORMAT);
        add("other VM", with("/vm", "\"" + OTHER_VM + "\""), GuestStateFault.OTHER_VM);
        add("VM in capitals", with("/vm", "\"" + upper() + "\""), GuestStateFault.CONTENT_DAMAGED);
        add("older generation", with("/generation", "6"), GuestStateFault.NOT_WHAT_IT_IS_NAMED);
        add("later generation", with("/generation", "8"), GuestStateFault.NOT_WHAT_IT_IS_NAMED);
        add("older epoch", with("/epoch", "2"), GuestStateFault.NOT_WHAT_IT_IS_NAMED);
        add("later epoch", with("/epoch", "4"), GuestStateFault.NOT_WHAT_IT_IS_NAMED);
        for (String file : List.of("tpm", "uefiVariables")) {
            String digest = "\"" + "5e".repeat(32) + "\"";
            add(file + " digest", with("/" + file + "/sha256", digest), GuestStateFault.CONTENT_DAMAGED);
            add(file + " size", with("/" + file + "/size", "5999"), GuestStateFault.CONTENT_DAMAGED);
        }
        String trail = JSON.readTree(manifest).at("/tpmTrail/0").toString();
        for (String other : List.of("\"0123456789abcdef\"", trail + ",\"0123456789abcdef\"", trail + ",\"\"", "7")) {
            add("trail = " + other, with("/tpmTrail", "[" + other + "]"), GuestStateFault.CONTENT_DAMAGED);
        }
        for (String disk : List.of("null", "7", "\"\"", "\"../data\"", "\"data \"", "\"" + "d".repeat(4096) + "\"")) {
            add("disk = " + disk, with("/dataDisks", "[" + disk + "]"), GuestStateFault.CONTENT_DAMAGED);
        }
        for (String text : List.of("", " ", "null", "[]", "{}", "1", "\"\"", "[".repeat(4096), manifest + "{}", "x")) {
            add("whole = " + text, text, GuestStateFault.CONTENT_DAMAGED);
        }

        Damage.checkAll("manifest inside", damages, this::open);
    }

    /** A later version may change all that follows the manifest, and is still not reported as damage. */
    @Test
    void aLaterFormatIsRecognizedByItsManifestAlone() throws IOException {
        byte[] later = with("/format", "2").getBytes(UTF_8);
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        ZipMember member = ZipMember.of(GuestStateArchive.MANIFEST, later);
        content.writeBytes(member.localHeader());
        content.writeBytes(member.deflated());
        content.writeBytes("whatever is decided then".getBytes(UTF_8));

        assertThat(fixture.openContent(content.toByteArray()))
                .isEqualTo(new Opening.Refused(
                        GuestStateFault.UNSUPPORTED_FORMAT,
                        "guest-state-3-7.p7m cannot be used: it has format 2, and this version reads up to 1"));
    }

    private void add(String what, String json, GuestStateFault expected) {
        damages.add(new Damage(what, json.getBytes(UTF_8), expected));
    }

    private Opening open(byte[] json) {
        List<ZipMember> members = List.of(
                ZipMember.of(GuestStateArchive.MANIFEST, json),
                ZipMember.of(GuestStateArchive.TPM, fixture.state.tpm()),
                ZipMember.of(GuestStateArchive.VARIABLES, fixture.state.variables()));
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        for (ZipMember member : members) {
            content.writeBytes(member.localHeader());
            content.writeBytes(member.deflated());
        }
        content.writeBytes(ZipDirectory.of(members));
        return fixture.openContent(content.toByteArray());
    }

    private String with(String field, String value) throws IOException {
        JsonNode tree = JSON.readTree(manifest);
        // Put in as text, so that a number is written as it stands here.
        parent(tree, field).put(name(field), "@");
        return tree.toString().replace("\"@\"", value);
    }

    private String without(String field) throws IOException {
        JsonNode tree = JSON.readTree(manifest);
        parent(tree, field).remove(name(field));
        return tree.toString();
    }

    private String renamed(String field) throws IOException {
        JsonNode tree = JSON.readTree(manifest);
        ObjectNode parent = parent(tree, field);
        parent.set(name(field) + "s", parent.remove(name(field)));
        return tree.toString();
    }

    private String doubled(String field) throws IOException {
        JsonNode value = JSON.readTree(manifest).at(field);
        return with(field, value + ",\"" + name(field) + "\":" + value);
    }

    private String upper() {
        return fixture.state.vm().toString().toUpperCase(java.util.Locale.ROOT);
    }

    private static ObjectNode parent(JsonNode tree, String field) {
        return (ObjectNode) tree.at(field.substring(0, field.lastIndexOf('/')));
    }

    private static String name(String field) {
        return field.substring(field.lastIndexOf('/') + 1);
    }
}
