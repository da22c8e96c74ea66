package io.trustedlaunch.agent.domain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.trustedlaunch.api.image.OsType;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Nic;
import java.io.StringReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.xpath.XPath;
import javax.xml.xpath.XPathFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.w3c.dom.Document;
import org.xml.sax.InputSource;

class DomainXmlTest {
    private static final Path VARIABLES = Path.of("/var/lib/libvirt/qemu/nvram/x_VARS.fd");

    @ParameterizedTest
    @EnumSource(OsType.class)
    void theIdentityIsReadBack(OsType osType) {
        DomainSpec spec = Specs.full(osType, Acceleration.KVM);

        assertThat(DomainMetadata.read(DomainXml.render(spec, VARIABLES))).contains(spec.identity());
    }

    @Test
    void aDomainOfAnotherOwnerHasNoIdentity() {
        assertThat(DomainMetadata.read("<domain><name>web</name><metadata><x:y xmlns:x='urn:x'/></metadata></domain>"))
                .isEmpty();
        assertThat(DomainMetadata.read("<domain><metadata><t:domain xmlns:t='" + DomainMetadata.NAMESPACE
                        + "'><t:vm>not a uid</t:vm></t:domain></metadata></domain>"))
                .isEmpty();
    }

    @ParameterizedTest
    @MethodSource("hostileTexts")
    void noNameBecomesMarkup(String hostile) throws Exception {
        Document document = parse(DomainXml.render(named(hostile, "/images/os.raw"), VARIABLES));

        assertThat(count(document, "//*")).isEqualTo(elementsOfAHarmlessSpec());
        assertThat(text(document, "/domain/title")).isEqualTo(hostile + "/" + hostile);
        assertThat(text(document, "//interface/source/@network")).isEqualTo(hostile);
        assertThat(DomainMetadata.read(DomainXml.render(named(hostile, "/images/os.raw"), VARIABLES)))
                .contains(new DomainIdentity(Specs.VM, 1, hostile, hostile));
    }

    @ParameterizedTest
    @MethodSource("hostileTexts")
    void noPathBecomesMarkup(String hostile) throws Exception {
        String path = "/images/" + hostile.replace('/', '_') + ".raw";

        Document document = parse(DomainXml.render(named("payroll", path), VARIABLES));

        assertThat(count(document, "//*")).isEqualTo(elementsOfAHarmlessSpec());
        assertThat(text(document, "//disk[1]/source/@file")).isEqualTo(path);
    }

    static Stream<String> hostileTexts() {
        Stream<String> written = Stream.of(
                "'/><qemu:arg value='-S",
                "\"/><disk type=\"block\"><source dev=\"/dev/sda\"/></disk>",
                "</title></domain><domain type='kvm'>",
                "<![CDATA[x]]>",
                "]]>",
                "&lt;b&gt;",
                "&quot;",
                "<!--",
                "<?xml version='1.0'?>",
                "<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]>&e;",
                "ü-ß-漢字-😀");
        return Stream.concat(written, random());
    }

    /** Fixed seed, so that a failure can be reproduced. */
    private static Stream<String> random() {
        Random random = new Random(42);
        String alphabet = "<>&'\"/=!-?[]{}();:#%x \u00e9\u2028\ufffd";
        return Stream.generate(() -> "n" + text(random, alphabet)).limit(50);
    }

    @Test
    void textThatXmlDoesNotAllowIsRefused() {
        for (String text : List.of("a\u0000b", "a\nb", "a\tb", "\u001b[2J", "a\ud800b", "a\uffffb", " ", "")) {
            assertThatIllegalArgumentException().isThrownBy(() -> named(text, "/images/os.raw"));
        }
    }

    @Test
    void aPathThatIsNotAbsoluteAndNormalizedIsRefused() {
        for (String path : List.of("os.raw", "/images/../etc/shadow", "/images/./x")) {
            assertThatIllegalArgumentException().isThrownBy(() -> named("payroll", path));
        }
    }

    @Test
    void duplicateDisksAreRefused() {
        DomainSpec full = Specs.full(OsType.Linux, Acceleration.KVM);

        assertThatIllegalArgumentException()
                .isThrownBy(() -> withDisks(full, List.of(new Disk("os", Path.of("/x"), DiskFormat.RAW))));
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        withDisks(full, List.of(new Disk("x", full.osDisk().path(), DiskFormat.RAW))));
    }

    @Test
    void aMacAddressInUpperCaseIsRefused() {
        DomainSpecBuilder upperCase = DomainSpecBuilder.builder(Specs.full(OsType.Linux, Acceleration.KVM))
                .nics(List.of(new Nic("nic0", "default", "52:54:00:AB:CD:EF", "clean-traffic")));

        assertThatIllegalArgumentException().isThrownBy(upperCase::build);
    }

    @ParameterizedTest
    @EnumSource(Acceleration.class)
    void windowsGetsOnlyDevicesThatItHasDriversFor(Acceleration acceleration) throws Exception {
        Document document = parse(DomainXml.render(Specs.full(OsType.Windows, acceleration), VARIABLES));

        assertThat(count(document, "//disk/target[@bus='virtio']")).isZero();
        assertThat(count(document, "//interface/model[@type='virtio']")).isZero();
        assertThat(text(document, "/domain/clock/@offset")).isEqualTo("localtime");
        assertThat(count(document, "//hyperv")).isEqualTo(acceleration.kvm() ? 1 : 0);
    }

    @ParameterizedTest
    @EnumSource(Acceleration.class)
    void devicesForVirtualizationBasedSecurityArePresentOnlyWithIt(Acceleration acceleration) throws Exception {
        int expected = acceleration.vbs() ? 1 : 0;
        for (OsType osType : OsType.values()) {
            Document document = parse(DomainXml.render(Specs.full(osType, acceleration), VARIABLES));

            assertThat(count(document, "//iommu")).isEqualTo(expected);
            assertThat(count(document, "//ioapic[@driver='qemu']")).isEqualTo(expected);
            assertThat(count(document, "//cpu/feature[@name='vmx' or @name='svm']"))
                    .isEqualTo(expected);
        }
    }

    @ParameterizedTest
    @EnumSource(OsType.class)
    void manyDisksHaveDistinctTargetsAndSerials(OsType osType) throws Exception {
        List<Disk> many = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            many.add(new Disk("a-long-name-of-a-data-disk-" + i, Path.of("/images/" + i), DiskFormat.RAW));
        }
        Document document = parse(DomainXml.render(withDisks(Specs.full(osType, Acceleration.KVM), many), VARIABLES));

        assertThat(values(document, "//disk/target/@dev")).hasSize(62).doesNotHaveDuplicates();
        assertThat(values(document, "//disk/serial"))
                .hasSize(61)
                .doesNotHaveDuplicates()
                .allMatch(s -> s.length() <= 20);
    }

    @Test
    void targetsAfterZHaveTwoLetters() {
        assertThat(IntStream.of(0, 25, 26, 27, 701, 702).mapToObj(DiskSection::letters))
                .containsExactly("a", "z", "aa", "ab", "zz", "aaa");
    }

    @Test
    void secureBootCanBeTurnedOffForATest() throws Exception {
        Document document = parse(DomainXml.render(insecure(), VARIABLES));

        assertThat(values(document, "/domain/os/firmware/feature/@enabled")).containsExactly("no", "no");
    }

    private static String text(Random random, String alphabet) {
        return random.ints(1 + random.nextInt(20), 0, alphabet.length())
                .mapToObj(i -> alphabet.substring(i, i + 1))
                .collect(Collectors.joining());
    }

    private static DomainSpec named(String text, String osDisk) {
        return DomainSpecBuilder.builder()
                .identity(new DomainIdentity(Specs.VM, 1, text, text))
                .osType(OsType.Linux)
                .cores(1)
                .memoryBytes(1L << 30)
                .osDisk(new Disk("os", Path.of(osDisk), DiskFormat.RAW))
                .dataDisks(List.of(new Disk(text, Path.of("/images/data.raw"), DiskFormat.RAW)))
                .nics(List.of(new Nic(text, text, "52:54:00:00:00:01", "clean-traffic")))
                .consoleLog(Path.of("/images/console.log"))
                .acceleration(Acceleration.EMULATED)
                .secureBoot(true)
                .build();
    }

    private static DomainSpec withDisks(DomainSpec spec, List<Disk> dataDisks) {
        return DomainSpecBuilder.builder(spec).dataDisks(dataDisks).build();
    }

    private static DomainSpec insecure() {
        DomainSpec spec = Specs.small(UUID.randomUUID(), 1, Path.of("/images"));
        return DomainSpecBuilder.builder(spec).secureBoot(false).build();
    }

    private static int elementsOfAHarmlessSpec() throws Exception {
        return count(parse(DomainXml.render(named("payroll", "/images/os.raw"), VARIABLES)), "//*");
    }

    private static Document parse(String xml) throws Exception {
        DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
        factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
        return factory.newDocumentBuilder().parse(new InputSource(new StringReader(xml)));
    }

    private static XPath xpath() {
        return XPathFactory.newInstance().newXPath();
    }

    private static int count(Document document, String path) throws Exception {
        return Integer.parseInt(xpath().evaluate("count(" + path + ")", document));
    }

    private static String text(Document document, String path) throws Exception {
        return xpath().evaluate(path, document);
    }

    private static List<String> values(Document document, String path) throws Exception {
        List<String> values = new ArrayList<>();
        for (int i = 1; i <= count(document, path); i++) {
            values.add(text(document, "(" + path + ")[" + i + "]"));
        }
        return values;
    }
}
