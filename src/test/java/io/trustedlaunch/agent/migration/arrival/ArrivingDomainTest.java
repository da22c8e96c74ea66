package io.trustedlaunch.agent.migration.arrival;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.agent.domain.DomainSpecBuilder;
import io.trustedlaunch.agent.domain.Places;
import io.trustedlaunch.api.image.OsType;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The files ending in 9 and 11 are what libvirt 9.0 of Debian 12 and 11.3 of Debian 13 sent of a running, emulated domain.
 * Those of KVM were written from them and libvirt's source: no host with KVM recorded one.
 */
class ArrivingDomainTest {
    private final String recorded = read("linux-9");
    private final ArrivalExpectation guest = Guests.full(OsType.Linux);

    @ParameterizedTest
    @CsvSource({
        "Linux, linux-9",
        "Linux, linux-11",
        "Linux, linux-kvm-9",
        "Linux, linux-kvm-11",
        "Windows, windows-9",
        "Windows, windows-11",
        "Windows, windows-kvm-9",
        "Windows, windows-kvm_nested_intel-11"
    })
    void whatLibvirtSendsOfAGuestOfOursIsAccepted(OsType osType, String file) {
        assertThat(ArrivingDomain.refusal(read(file), Guests.full(osType))).isEmpty();
    }

    /** The recorded one is of an agent that let the IOMMU cache mappings, as agents did before. */
    @Test
    void theMachineForVirtualizationBasedSecurityIsThatOfItsSource() {
        ArrivalExpectation windows = Guests.full(OsType.Windows);
        String older = read("windows-kvm_nested_intel-11");
        assertThat(older).contains(" caching_mode='on'");
        String present = older.replace(" caching_mode='on'", "");
        assertThat(ArrivingDomain.refusal(present, windows)).isEmpty();

        ArrivalExpectation enlightened = ArrivalExpectationBuilder.builder(windows)
                .spec(DomainSpecBuilder.builder(windows.spec())
                        .enlightenedVmcs(true)
                        .build())
                .build();
        String withEvmcs = present.replace("    </hyperv>", "<evmcs state='on'/></hyperv>");
        assertThat(ArrivingDomain.refusal(withEvmcs, enlightened)).isEmpty();
        assertThat(ArrivingDomain.refusal(present, enlightened)).isPresent();
        assertThat(ArrivingDomain.refusal(withEvmcs, windows)).isPresent();
        assertThat(ArrivingDomain.refusal(
                        present.replace(
                                "    <feature policy='require' name='umip'/>",
                                "<feature policy='disable' name='shstk'/>"),
                        windows))
                .as("without shadow stacks")
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "Linux, linux-9",
        "Linux, linux-11",
        "Linux, linux-kvm-11",
        "Windows, windows-9",
        "Windows, windows-11",
        "Windows, windows-kvm_nested_intel-11"
    })
    void aGuestWhoseDevicesAreAtTheirPlacesOnRecordIsAccepted(OsType osType, String file) {
        assertThat(ArrivingDomain.refusal(read(file), placed(osType, file))).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "Linux | linux-9 | bus='0x04' slot='0x00' | bus='0x0a' slot='0x00' | domain/devices/disk/address@bus",
                "Linux | linux-11 | bus='0x07' slot='0x00' | bus='0x09' slot='0x00' | domain/devices/disk/address@bus",
                "Linux | linux-9 | bus='0x01' slot='0x00' | bus='0x09' slot='0x00' | domain/devices/interface/address@bus",
                "Linux | linux-9 | bus='0x03' slot='0x00' | bus='0x09' slot='0x00' | element domain/devices/controller",
                "Linux | linux-9 | bus='0x08' slot='0x00' | bus='0x09' slot='0x00' | domain/devices/rng/address@bus",
                "Linux | linux-9 | slot='0x02' function='0x0' | slot='0x03' function='0x0' | element domain/devices/controller",
                "Windows | windows-9 | unit='1' | unit='4' | domain/devices/disk/address@unit",
                "Windows | windows-9 | unit='3' | unit='4' | domain/devices/disk/address@unit",
                "Windows | windows-11 | bus='0x03' slot='0x00' | bus='0x05' slot='0x00' | domain/devices/controller",
                "Windows | windows-9 | function='0x3' | function='0x6' | element domain/devices/controller"
            })
    void anotherPlaceThanTheOneOnRecordIsRefused(
            OsType osType, String file, String address, String other, String reason) {
        assertThat(read(file)).contains(address);
        String moved = read(file).replace(address, other);

        assertThat(ArrivingDomain.refusal(moved, Guests.full(osType)))
                .as("without a record")
                .isEmpty();
        assertThat(ArrivingDomain.refusal(moved, placed(osType, file)).orElse("accepted"))
                .contains(reason);
    }

    @Test
    void twoDisksThatHaveChangedPlacesAreRefused() {
        String turned = recorded.replace("bus='0x05' slot='0x00'", "bus='x' slot='0x00'")
                .replace("bus='0x06' slot='0x00'", "bus='0x05' slot='0x00'")
                .replace("bus='x' slot='0x00'", "bus='0x06' slot='0x00'");

        assertThat(ArrivingDomain.refusal(turned, guest)).isEmpty();
        assertThat(ArrivingDomain.refusal(turned, placed(OsType.Linux, "linux-9")))
                .hasValueSatisfying(reason -> assertThat(reason).contains("domain/devices/disk/address@bus"));
    }

    /** libvirt takes the first. */
    @Test
    void anotherPlaceBesideTheOneOnRecordIsRefused() {
        String address = "<address type='pci' domain='0x0000' bus='0x04' slot='0x00' function='0x0'/>";
        String other = address.replace("0x04", "0x0a");
        assertThat(recorded).contains(address);

        assertThat(ArrivingDomain.refusal(recorded.replace(address, other + address), placed(OsType.Linux, "linux-9")))
                .hasValueSatisfying(reason -> assertThat(reason).contains("domain/devices/disk/address@bus"));
        assertThat(ArrivingDomain.refusal(recorded.replace(address, address + other), placed(OsType.Linux, "linux-9")))
                .hasValueSatisfying(reason -> assertThat(reason).contains("address is there twice"));
    }

    /** The disc of the record, read-only, and nothing else in the drive. That the guest has opened the tray is its own matter. */
    @Test
    void aDriveHasTheDiscOfTheRecordAndNoOther() {
        ArrivalExpectation expected = Guests.withDrives(OsType.Linux);
        String drives = """
                    <disk type='file' device='cdrom'>
                      <driver name='qemu' type='raw'/>
                      <source file='/var/lib/trusted-launch/vms/.images/0d1b5a57-8f1c-4d0e-b3f5-6a1f0f6f2c11'>
                        <seclabel model='dac' relabel='no'/>
                      </source>
                      <backingStore/>
                      <target dev='sda' bus='sata'/>
                      <readonly/>
                      <serial>disc_tools</serial>
                      <boot order='2'/>
                      <address type='drive' controller='0' bus='0' target='0' unit='0'/>
                    </disk>
                    <disk type='file' device='cdrom'>
                      <driver name='qemu' type='raw'/>
                      <target dev='sdb' bus='sata'/>
                      <readonly/>
                      <serial>disc_more</serial>
                      <boot order='3'/>
                      <address type='drive' controller='0' bus='0' target='0' unit='1'/>
                    </disk>
                  </devices>""";
        String arrived = recorded.replace("</devices>", drives);

        assertThat(ArrivingDomain.refusal(arrived, expected)).isEmpty();
        assertThat(ArrivingDomain.refusal(
                        arrived.replace("dev='sda' bus='sata'", "dev='sda' bus='sata' tray='open'"), expected))
                .isEmpty();
        assertThat(ArrivingDomain.refusal(arrived, guest))
                .as("no drive is on record")
                .isPresent();
        assertThat(ArrivingDomain.refusal(recorded, expected))
                .as("a drive is missing")
                .isPresent();
        assertThat(ArrivingDomain.refusal(arrived.replace("2c11'>", "2c12'>"), expected))
                .as("another disc")
                .isPresent();
        String writable = recorded.replace("</devices>", drives.replace("<readonly/>", ""));
        assertThat(ArrivingDomain.refusal(writable, expected))
                .as("that can be written")
                .isPresent();
    }

    private static ArrivalExpectation placed(OsType osType, String file) {
        ArrivalExpectation guest = Guests.full(osType);
        return ArrivalExpectationBuilder.builder(guest)
                .spec(Places.asIn(file, guest.spec()))
                .build();
    }

    /** Seen from libvirt 11: it no longer knows that it chose this label itself. */
    @Test
    void whatLibvirtSendsAfterItWasRestartedIsAccepted() {
        assertThat(refusal(
                        recorded.replace("</domain>", "<seclabel type='dynamic' model='dac' relabel='yes'/></domain>")))
                .isEqualTo("accepted");
    }

    @Test
    void aForeignNamespaceIsRefused() {
        String withNamespace = recorded.replace(
                "<domain type='qemu'>", "<domain type='qemu' xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'>");

        assertThat(refusal(withNamespace)).contains("namespace \"http://libvirt.org/schemas/domain/qemu/1.0\"");
        assertThat(refusal(withNamespace.replace(
                        "</domain>", "<qemu:commandline><qemu:arg value='-S'/></qemu:commandline></domain>")))
                .contains("namespace \"http://libvirt.org/schemas/domain/qemu/1.0\"");
        assertThat(refusal(recorded.replace("<metadata>", "<metadata xmlns='urn:x'>")))
                .contains("namespace \"urn:x\"");
        assertThat(refusal(
                        recorded.replace("xmlns:tl=\"https://trustedlaunch.io/domain/1\"", "xmlns:tl=\"urn:other\"")))
                .contains("namespace \"urn:other\"");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "<hostdev mode='subsystem' type='pci'><source/></hostdev>",
                "<filesystem type='mount'><source dir='/'/><target dir='root'/></filesystem>",
                "<redirdev bus='usb' type='tcp'/>",
                "<shmem name='x'/>",
                "<memory model='nvdimm'><source><path>/dev/mem</path></source></memory>",
                "<vsock model='virtio'/>",
                "<parallel type='file'><source path='/etc/cron.d/x'/></parallel>",
                "<smartcard mode='host'/>",
                "<panic model='isa'/>",
                "<watchdog model='itco' action='reset'/>",
                "<crypto model='virtio' type='qemu'/>",
                "<pstore backend='acpi-erst'><path>/x</path></pstore>"
            })
    void aForeignDeviceIsRefusedByName(String device) {
        String name = device.substring(1, device.indexOf(' '));

        assertThat(refusal(recorded.replace("</devices>", device + "</devices>")))
                .contains("domain/devices/" + name);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "<emulator>/usr/bin/qemu-system-x86_64 | <emulator>/bin/sh | domain/devices/emulator is \"/bin/sh\"",
                "/os.qcow2' | /other.qcow2' | domain/devices/disk/source@file is",
                "<source file='/var/lib/trusted-launch/vms/7c0a2a1e-5f1f-4d9c-9b40-3f5c7d1e2a6b/os.qcow2'>"
                        + "| <source file='/dev/sda'>"
                        + "| domain/devices/disk/source@file is \"/dev/sda\" instead of",
                "type='file' device='disk' | type='block' device='disk' | domain/devices/disk@type is \"block\"",
                "type='qcow2' | type='raw' | domain/devices/disk/driver@type is \"raw\" instead of \"qcow2\"",
                "cache='none' | cache='unsafe' | domain/devices/disk/driver@cache is \"unsafe\"",
                "discard='unmap' | discard='unmap' io='native' | attribute domain/devices/disk/driver@io is not expected",
                "<backingStore/> | <backingStore type='file'><source file='/etc/shadow'/></backingStore>"
                        + "| attribute domain/devices/disk/backingStore@type is not expected",
                "<seclabel model='dac' relabel='no'/> | '' | element domain/devices/disk/source/seclabel is missing",
                "relabel='no' | relabel='yes' | domain/devices/disk/source/seclabel@relabel is \"yes\"",
                "</source> | <encryption/></source> | element domain/devices/disk/source/encryption is not expected",
                "/usr/share/OVMF/OVMF_CODE_4M.ms.fd | /tmp/code.fd | domain/os/loader is \"/tmp/code.fd\"",
                "/usr/share/OVMF/OVMF_VARS_4M.ms.fd | /etc/shadow | domain/os/nvram@template is \"/etc/shadow\"",
                "/var/lib/libvirt/qemu/nvram/ | /etc/ | domain/os/nvram is \"/etc/",
                "secure='yes' | secure='no' | domain/os/loader@secure is \"no\"",
                "</os> | <kernel>/boot/vmlinuz</kernel></os> | element domain/os/kernel is not expected",
                "</os> | <firmware/></os> | element domain/os/firmware is not expected",
                "machine='pc-q35-7.2' | machine='microvm' | domain/os/type@machine is \"microvm\"",
                "<smm state='on'/> | <smm state='off'/> | domain/features/smm@state is \"off\"",
                "<smm state='on'/> | '' | element domain/features/smm is missing",
                "mode='maximum' | mode='host-passthrough' | domain/cpu@mode is \"host-passthrough\"",
                "</cpu> | <numa/></cpu> | element domain/cpu/numa is not expected",
                "<partition>/machine</partition> | <partition>/</partition> | domain/resource/partition is \"/\"",
                "</domain> | <seclabel type='none'/></domain> | domain/seclabel@type is \"none\"",
                "</domain> | <seclabel type='dynamic' model='dac' relabel='no'/></domain> | domain/seclabel@relabel is \"no\"",
                "</domain> | <seclabel type='dynamic' model='dac' relabel='yes'><baselabel>+0:+0</baselabel></seclabel></domain>"
                        + "| element domain/seclabel/baselabel is not expected",
                "</domain> | <seclabel type='static' model='selinux' relabel='no'><label>x</label></seclabel></domain>"
                        + "| domain/seclabel@relabel is \"no\"",
                "</domain> | <memoryBacking><source type='file'/></memoryBacking></domain> | element domain/memoryBacking",
                "</domain> | <cputune/></domain> | element domain/cputune is not expected",
                "</domain> | <launchSecurity type='sev'/></domain> | element domain/launchSecurity is not expected",
                "<on_crash>destroy | <on_crash>coredump-destroy | domain/on_crash is \"coredump-destroy\"",
                "<source network='vlan-42'/> | <source network='management'/> | domain/devices/interface/source@network",
                "<interface type='network'> | <interface type='bridge'> | domain/devices/interface@type is \"bridge\"",
                "<filterref filter='clean-traffic'/> | <filterref filter='allow-arp'/> | domain/devices/interface/filterref@filter",
                "52:54:00:12:34:57 | 52:54:00:00:00:01 | domain/devices/interface/mac@address",
                "<rom enabled='no'/> | <rom file='/x'/> | attribute domain/devices/interface/rom@file is not expected",
                "<rom enabled='no'/> | <rom enabled='no'/><script path='/x'/> | element domain/devices/interface/script",
                "<serial type='pty'> | <serial type='file'> | domain/devices/serial@type is \"file\"",
                "/console.log' | /../../../../etc/cron.d/x' | domain/devices/serial/log@file",
                "<console type='pty'> | <console type='tcp'> | domain/devices/console@type is \"tcp\"",
                "<channel type='unix'> | <channel type='unix'><source mode='bind' path='/run/x'/>"
                        + "| element domain/devices/channel/source is not expected",
                "secret='7c0a2a1e | secret='00000000 | domain/devices/tpm/backend/encryption@secret",
                "persistent_state='yes' | persistent_state='no' | domain/devices/tpm/backend@persistent_state",
                "<encryption secret='7c0a2a1e-5f1f-4d9c-9b40-3f5c7d1e2a6b'/> | ''"
                        + "| element domain/devices/tpm/backend/encryption is missing",
                "<backend model='random'>/dev/urandom | <backend model='random'>/dev/sda | domain/devices/rng/backend is",
                "<input type='mouse' bus='ps2'/> | <input type='passthrough' bus='virtio'><source evdev='/dev/input/event0'/></input>"
                        + "| domain/devices/input@bus is \"virtio\"",
                "<video> | <graphics type='vnc' port='5900'/><video> | element domain/devices/graphics is not expected",
                "model='pcie-root-port' | model='pcie-root-port' x='y' | attribute domain/devices/controller@x",
                "<controller type='sata' | <controller type='scsi' | domain/devices/controller",
                "<vcpu placement='static'>4 | <vcpu placement='static'>64 | domain/vcpu is \"64\" instead of \"4\"",
                "KiB'>8388608</memory> | KiB'>83886080</memory> | domain/memory is \"83886080\" instead of \"8388608\"",
                "<tl:epoch>4 | <tl:epoch>5 | domain/metadata/tl:domain/tl:epoch is \"5\" instead of \"4\"",
                "<name>7c0a2a1e | <name>00000000 | domain/name is \"00000000",
                "<uuid>7c0a2a1e | <uuid>00000000 | domain/uuid is \"00000000"
            })
    void aChangeIsRefusedByName(String text, String changed, String reason) {
        assertThat(recorded).contains(text);

        assertThat(refusal(recorded.replace(text, changed))).contains(reason);
    }

    @ParameterizedTest
    @EnumSource(OsType.class)
    void aCardHasTheLinkThatIsOnRecord(OsType osType) {
        String up = read(osType == OsType.Linux ? "linux-9" : "windows-9");
        String down = up.replaceFirst("<rom enabled='no'/>", "<link state='down'/><rom enabled='no'/>");
        ArrivalExpectation disconnected = Guests.disconnected(osType);

        assertThat(ArrivingDomain.refusal(down, disconnected)).isEmpty();
        assertThat(ArrivingDomain.refusal(up, disconnected))
                .contains("element domain/devices/interface/link is missing");
        assertThat(ArrivingDomain.refusal(down.replace("'down'", "'up'"), disconnected))
                .contains("domain/devices/interface/link@state is \"up\" instead of \"down\"");
        assertThat(ArrivingDomain.refusal(down, Guests.full(osType)))
                .contains("element domain/devices/interface/link is not expected");
    }

    @Test
    void aCardThatIsNotOnRecordIsRefused() {
        String card = recorded.substring(
                recorded.indexOf("<interface"), recorded.indexOf("</interface>") + "</interface>".length());
        String other = card.replace("52:54:00:12:34:56", "52:54:00:12:34:58");

        assertThat(refusal(recorded.replace("</devices>", other + "</devices>")))
                .contains("element domain/devices/interface is not expected");
        assertThat(refusal(recorded.replace(card, ""))).contains("element domain/devices/interface is missing");
    }

    @Test
    void aSecondDeviceOfAKindIsRefused() {
        String tpm = recorded.substring(recorded.indexOf("<tpm"), recorded.indexOf("</tpm>") + "</tpm>".length());
        String disk = recorded.substring(recorded.indexOf("<disk"), recorded.indexOf("</disk>") + "</disk>".length());

        assertThat(refusal(recorded.replace("</tpm>", "</tpm>" + tpm)))
                .contains("element domain/devices/tpm is not expected");
        assertThat(refusal(recorded.replace("</devices>", disk + "</devices>")))
                .contains("element domain/devices/disk is not expected");
    }

    /** As many as a machine of ours can have, which is not known here: they depend on the devices that it was started with. */
    @Test
    void spareRootPortsAreAccepted() {
        for (String port : List.of(spare(10), spare(10) + spare(11) + spare(12), spare(40))) {
            String more = recorded.replace("</devices>", port + "</devices>");

            assertThat(ArrivingDomain.refusal(more, guest)).isEmpty();
            assertThat(ArrivingDomain.refusal(more, placed(OsType.Linux, "linux-9")))
                    .isEmpty();
        }
        assertThat(refusal(recorded.replace("</devices>", spare(41) + "</devices>")))
                .contains("domain/devices/controller@index is \"41\"");
        assertThat(refusal(recorded.replace("</devices>", spare(400) + "</devices>")))
                .contains("domain/devices/controller@index is \"400\"");
    }

    @Test
    void aPortOnRecordThatIsMissingIsRefused() {
        String port = recorded.substring(recorded.indexOf("<controller type='pci' index='9'"));
        port = port.substring(0, port.indexOf("</controller>") + "</controller>".length());
        String without = recorded.replace(port, "");

        assertThat(ArrivingDomain.refusal(without, guest)).isEmpty();
        assertThat(ArrivingDomain.refusal(without, placed(OsType.Linux, "linux-9")))
                .contains("element domain/devices/controller is missing");
    }

    private static String spare(int number) {
        return """
                <controller type='pci' index='%d' model='pcie-root-port'>
                  <model name='pcie-root-port'/>
                  <target chassis='%d' port='0x11'/>
                  <address type='pci' domain='0x0000' bus='0x00' slot='0x02' function='0x1'/>
                </controller>
                """.formatted(number, number);
    }

    @Test
    void aDiskThatWasAddedWhileTheGuestRanMayHaveAnotherName() {
        for (String name : List.of("vde", "vdz", "vdaa")) {
            assertThat(ArrivingDomain.refusal(recorded.replace("dev='vdb'", "dev='" + name + "'"), guest))
                    .isEmpty();
        }
        for (String name : List.of("sdb", "vdb1", "vd", "vdaaa")) {
            assertThat(refusal(recorded.replace("dev='vdb'", "dev='" + name + "'")))
                    .contains("domain/devices/disk/target@dev is \"" + name + "\"");
        }
        String windows = read("windows-9");
        for (String name : List.of("sde", "vdb")) {
            assertThat(ArrivingDomain.refusal(
                            windows.replace("dev='sdb'", "dev='" + name + "'"), Guests.full(OsType.Windows)))
                    .hasValueSatisfying(reason -> assertThat(reason).contains("domain/devices/disk/target@dev"));
        }
    }

    @Test
    void aMissingDeviceIsRefused() {
        String disk = recorded.substring(recorded.indexOf("<disk"), recorded.indexOf("</disk>") + "</disk>".length());

        assertThat(refusal(recorded.replace(disk, ""))).contains("element domain/devices/disk is missing");
    }

    @Test
    void onlyPlainXmlIsRead() {
        assertThat(refusal("<?xml version='1.0' encoding='UTF-7'?>" + recorded)).contains("declaration");
        assertThat(refusal("<!DOCTYPE domain [<!ENTITY x SYSTEM 'file:///etc/shadow'>]>" + recorded))
                .contains("declaration");
        assertThat(refusal(recorded.replace("<devices>", "<devices><!-- x -->")))
                .contains("comment");
        assertThat(refusal(recorded.replace("<devices>", "<devices><![CDATA[x]]>")))
                .contains("CDATA");
        assertThat(refusal(recorded.replace("<devices>", "<devices>&x;"))).contains("not well-formed");
        assertThat(refusal("<domain>".repeat(10_000))).contains("nested too deeply");
        assertThat(refusal(recorded + "<domain/>")).contains("not well-formed");
        assertThat(refusal("")).contains("does not begin with an element");
        assertThat(refusal(recorded.replace("<devices>", "<devices>text"))).contains("domain/devices is \"text");
    }

    /** libvirt takes it for a part of the name or path. */
    @ParameterizedTest
    @ValueSource(strings = {"name", "emulator", "nvram", "loader", "tl:epoch"})
    void spaceAroundATextIsRefused(String element) {
        assertThat(refusal(recorded.replace("</" + element + ">", " </" + element + ">")))
                .contains(element + " is \"");
    }

    @Test
    void aHostWithoutSecureFirmwareAcceptsNoGuest() {
        ArrivalExpectation withoutFirmware =
                ArrivalExpectationBuilder.builder(guest).firmware(List.of()).build();

        assertThat(ArrivingDomain.refusal(recorded, withoutFirmware).orElseThrow())
                .contains("no firmware with Secure Boot");
    }

    private String refusal(String xml) {
        Optional<String> refusal = ArrivingDomain.refusal(xml, guest);
        return refusal.orElse("accepted");
    }

    private static String read(String file) {
        return new String(Recordings.domain(file), UTF_8);
    }
}
