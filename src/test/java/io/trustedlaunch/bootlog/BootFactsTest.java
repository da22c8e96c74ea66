package io.trustedlaunch.bootlog;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.bootlog.BootFacts.Finding;
import io.trustedlaunch.bootlog.BootFacts.SecureBoot;
import io.trustedlaunch.bootlog.Fact.Authority;
import io.trustedlaunch.bootlog.Fact.BootOption;
import io.trustedlaunch.bootlog.Fact.Measured;
import io.trustedlaunch.bootlog.Fact.SignatureDatabase;
import io.trustedlaunch.bootlog.Fact.Text;
import io.trustedlaunch.bootlog.Fact.Variable;
import io.trustedlaunch.custody.Sha256;
import io.trustedlaunch.testkit.Golden;
import io.trustedlaunch.testkit.SignatureListBytes;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

class BootFactsTest {
    /** Microsoft Corporation UEFI CA 2011. */
    private static final String MICROSOFT = "48e99b991f57fc52f76149599bff0a58c47154229b9f8d603ac40d3500248507";

    private static final byte[] CERTIFICATE = HexFormat.of().parseHex("308200021234");

    @ParameterizedTest
    @FieldSource("io.trustedlaunch.bootlog.Logs#REAL")
    void theFactsOfARealBoot(String name) {
        String facts = Logs.facts(name).findings().stream()
                .map(finding -> finding.event().pcr() + " " + finding.event().typeName() + " " + finding.fact() + "\n")
                .collect(Collectors.joining());
        Golden.check(Path.of("src/test/resources/golden/bootlog/" + name + ".txt"), facts);
    }

    @Test
    void aBootWithSecureBoot() {
        BootFacts facts = Logs.facts("secure-boot-on");
        SecureBoot secureBoot = facts.secureBoot().orElseThrow();
        assertThat(secureBoot.enabled()).isTrue();
        assertThat(secureBoot.databases())
                .extracting(SignatureDatabase::name)
                .containsExactly("PK", "KEK", "db", "dbx");
        assertThat(secureBoot.databases().get(2).certificates()).contains(MICROSOFT);
        assertThat(secureBoot.databases().get(3).hashes()).isEqualTo(1);
        assertThat(secureBoot.authorities()).extracting(Authority::variable).containsExactly("db", "MokListRT");
        assertThat(secureBoot.authorities().getFirst().sha256()).isEqualTo(MICROSOFT);
        assertThat(secureBoot.sbatLevel()).contains("2025021800");
        assertThat(secureBoot.others()).isEmpty();
        assertThat(facts.separators(false)).containsExactly(0, 1, 2, 3, 4, 5, 6, 7);
        assertThat(facts.separators(true)).isEmpty();
        assertThat(facts.loaders().orElseThrow())
                .extracting(Measured::label)
                .containsExactly("\\EFI\\BOOT\\BOOTX64.EFI", "\\EFI\\BOOT\\grubx64.efi", "", "");
        assertThat(facts.files().orElseThrow())
                .extracting(Measured::label)
                .containsExactly("(hd0,gpt1)/EFI/debian/grub.cfg", "/vmlinuz", "/initrd");
        assertThat(facts.grubTexts().orElseThrow())
                .contains(new Text(
                        "/vmlinuz console=ttyS0 quiet loglevel=1 panic=10 variant=measured", "kernel_cmdline"));
        assertThat(facts.measuringStopped()).contains(false);
    }

    @Test
    void aGrubThatWasToldToMeasureNothingMore() {
        assertThat(Logs.facts("measuring-stopped").measuringStopped()).contains(true);
        assertThat(Logs.facts(Logs.grub("grub_cmd", "rmmod ext2 tpm")).measuringStopped())
                .contains(true);
        assertThat(Logs.facts(Logs.grub("grub_cmd", "echo rmmod tpm")).measuringStopped())
                .contains(false);
        assertThat(Logs.facts(Logs.grub("kernel_cmdline", "rmmod tpm")).measuringStopped())
                .as("labels are not measured")
                .contains(true);
        assertThat(Logs.facts().measuringStopped()).contains(false);
    }

    @Test
    void aBootWithoutSecureBoot() {
        SecureBoot secureBoot = Logs.facts("secure-boot-off").secureBoot().orElseThrow();
        assertThat(secureBoot.enabled()).isFalse();
        assertThat(secureBoot.databases())
                .allSatisfy(database -> assertThat(database.certificates()).isEmpty());
        assertThat(secureBoot.authorities()).isEmpty();
        assertThat(secureBoot.sbatLevel()).contains("2021030218");
    }

    @Test
    void aLogOfAnotherBootSaysNothingWhereItDiffers() {
        BootFacts forged = BootFacts.of(Logs.log("secure-boot-on"), Logs.registers("secure-boot-off"));
        assertThat(forged.replayed()).contains(1, 2, 3, 5, 6).doesNotContain(0, 4, 7, 8, 9);
        assertThat(forged.secureBoot()).isEmpty();
        assertThat(forged.loaders()).isEmpty();
        assertThat(forged.grubTexts()).isEmpty();
        assertThat(forged.measuringStopped()).isEmpty();
        assertThat(forged.files()).isEmpty();
    }

    @Test
    void typesAreTheWritersWord() {
        for (int type : new int[] {4, 5, 0xd, 0x80000001, 0x80000007, 0x800000e0, 0x12345678}) {
            BootFacts retyped = altered(
                    "secure-boot-on",
                    event -> event.isOf(EventType.EV_NO_ACTION)
                            ? event
                            : new Event(event.pcr(), type, event.sha256(), event.data()));
            BootFacts real = Logs.facts("secure-boot-on");
            assertThat(retyped.secureBoot()).isEqualTo(real.secureBoot());
            assertThat(retyped.grubTexts()).isEqualTo(real.grubTexts());
            assertThat(retyped.loaders()).isEqualTo(real.loaders());
            assertThat(retyped.separators(false)).isEqualTo(real.separators(false));
        }
    }

    @Test
    void anEventWhoseDataIsHiddenMakesItsRegisterUnknown() {
        BootFacts facts = altered(
                "measuring-stopped",
                event -> event.pcr() < 7 ? event : new Event(event.pcr(), event.type(), event.sha256(), new byte[0]));
        assertThat(facts.replayed()).contains(7, 8);
        assertThat(facts.secureBoot()).isEmpty();
        assertThat(facts.grubTexts()).isEmpty();
        assertThat(facts.measuringStopped()).isEmpty();
    }

    @Test
    void whatIsMeasuredAfterTheSeparatorIsNotTheFirmwares() {
        assertThat(Logs.facts(Logs.secureBoot(0), Logs.separator(7), Logs.secureBoot(1))
                        .secureBoot()
                        .orElseThrow()
                        .enabled())
                .isFalse();
        assertThat(Logs.facts(Logs.separator(7), Logs.secureBoot(1)).secureBoot())
                .isEmpty();
        assertThat(Logs.facts(Logs.secureBoot(1)).secureBoot())
                .as("without a separator, a guest could have added it")
                .isEmpty();
    }

    @Test
    void theFirstOfTwoCounts() {
        SecureBoot secureBoot = Logs.facts(
                        Logs.secureBoot(0),
                        Logs.secureBoot(1),
                        Logs.separator(7),
                        Logs.authority("SbatLevel", "sbat,1,2021030218\n".getBytes(US_ASCII)),
                        Logs.authority("SbatLevel", "sbat,1,2099010100\nshim,9\n".getBytes(US_ASCII)))
                .secureBoot()
                .orElseThrow();
        assertThat(secureBoot.enabled()).isFalse();
        assertThat(secureBoot.sbatLevel()).contains("2021030218");
        assertThat(secureBoot.others()).extracting(Variable::name).containsExactly("SecureBoot", "SbatLevel");
    }

    @Test
    void firmwareThatFailedBeforeItsSeparatorSaysNothing() {
        Event failed = Logs.event(7, 4, new byte[] {1, 0, 0, 0});
        BootFacts facts = Logs.facts(Logs.secureBoot(1), failed, Logs.separator(0));
        assertThat(facts.separators(true)).containsExactly(7);
        assertThat(facts.separators(false)).containsExactly(0);
        assertThat(facts.secureBoot()).isEmpty();
        assertThat(Logs.facts(Logs.secureBoot(1), failed, Logs.separator(7)).secureBoot())
                .isEmpty();
    }

    @Test
    void authoritiesAreCertificatesOrHashesOfImages() {
        byte[] owned = SignatureListBytes.join(new byte[16], CERTIFICATE);
        byte[] hash = HexFormat.of().parseHex(MICROSOFT);
        SecureBoot secureBoot = Logs.facts(
                        Logs.secureBoot(1),
                        Logs.separator(7),
                        Logs.authority("MokListRT", owned),
                        Logs.authority("Shim", CERTIFICATE),
                        Logs.authority("MokListRT", SignatureListBytes.join(new byte[16], hash)),
                        Logs.authority("MokSBState", new byte[] {1}))
                .secureBoot()
                .orElseThrow();
        assertThat(secureBoot.authorities())
                .containsExactly(
                        new Authority("MokListRT", Sha256.of(CERTIFICATE)),
                        new Authority("Shim", Sha256.of(CERTIFICATE)),
                        new Authority("MokListRT", MICROSOFT));
        assertThat(secureBoot.others()).containsExactly(new Variable("MokSBState", Sha256.of(new byte[] {1})));
    }

    @Test
    void databasesAreReadWholeOrTheRegisterIsUnknown() {
        byte[] lists =
                SignatureListBytes.join(SignatureListBytes.hashes(3), SignatureListBytes.certificate(CERTIFICATE));
        assertThat(databases(lists))
                .contains(List.of(new SignatureDatabase("dbx", List.of(Sha256.of(CERTIFICATE)), 3)));
        assertThat(databases(Arrays.copyOf(lists, lists.length - 1))).isEmpty();
        assertThat(databases(SignatureListBytes.with(lists, 16, 27))).isEmpty();
        assertThat(databases(SignatureListBytes.with(lists, 20, -1))).isEmpty();
        assertThat(databases(SignatureListBytes.with(lists, 24, 16))).isEmpty();
        assertThat(databases(SignatureListBytes.with(lists, 24, 47))).isEmpty();
    }

    @Test
    void aBootOptionIsTheValueThatWasMeasured() {
        byte[] option = HexFormat.of().parseHex("01000000" + "0400" + "410000007fff0400");
        byte[] variable = Logs.variable(UefiVariable.GLOBAL, "Boot0007", option);
        assertThat(facts(new Event(1, 0x80000002, Sha256.of(option), variable)))
                .containsExactly(new BootOption("Boot0007", "A", ""));
        assertThat(facts(Logs.event(1, 0x8000000c, variable))).containsExactly(new BootOption("Boot0007", "A", ""));
        assertThat(facts(new Event(1, 0x80000002, MICROSOFT, variable))).containsExactly(new Measured(MICROSOFT, ""));
    }

    @Test
    void whatIsMoreThanAVariableIsNone() {
        byte[] variable = Logs.secureBoot(1).data();
        Event longer = Logs.event(7, 0x80000001, Arrays.copyOf(variable, variable.length + 1));
        assertThat(Logs.facts(longer, Logs.separator(7)).secureBoot()).isEmpty();
    }

    @Test
    void aProgramIsNoTextWhateverTheLogShows() {
        byte[] program = "MZ".repeat(100).getBytes(US_ASCII);
        assertThat(Logs.facts(Logs.event(4, 0x80000007, program)).loaders().orElseThrow())
                .containsExactly(new Measured(Sha256.of(program), ""));
        byte[] file = "set root=hd0".getBytes(US_ASCII);
        assertThat(Logs.facts(Logs.event(9, 5, file)).files().orElseThrow())
                .containsExactly(new Measured(Sha256.of(file), "set root=hd0"));
    }

    @Test
    void textsAreWholeAndPrintable() {
        String hidden = "linux \u001b[2J\u202e/vmlinuz";
        assertThat(Logs.facts(Logs.grub("grub_cmd", hidden)).grubTexts())
                .contains(List.of(new Text("linux ?[2J?/vmlinuz", "grub_cmd")));
        assertThat(Logs.facts(Logs.grub("grub_cmd", "x".repeat(5000))).grubTexts())
                .as("a text that would have to be cut off could hide its end")
                .isEmpty();
        Event file = new Event(9, 0xd, MICROSOFT, ("\u001b" + "x".repeat(1000)).getBytes(UTF_8));
        assertThat(Logs.facts(file).files().orElseThrow().getFirst().label()).isEqualTo("?" + "x".repeat(255));
    }

    private static List<Fact> facts(Event event) {
        return Logs.facts(event).findings().stream().map(Finding::fact).toList();
    }

    private static Optional<List<SignatureDatabase>> databases(byte[] lists) {
        Event dbx = Logs.event(7, 0x80000001, Logs.variable(UefiVariable.IMAGE_SECURITY, "dbx", lists));
        return Logs.facts(Logs.secureBoot(1), dbx, Logs.separator(7))
                .secureBoot()
                .map(SecureBoot::databases);
    }

    /** The facts of a real boot by a log with changed events. */
    private static BootFacts altered(String name, UnaryOperator<Event> change) {
        List<Event> events = new ArrayList<>(Logs.log(name).events());
        events.replaceAll(change);
        return BootFacts.of(Logs.parsed(Logs.bytes(events)), Logs.registers(name));
    }
}
