package io.trustedlaunch.agent.migration.arrival;

import java.util.Optional;
import java.util.stream.Stream;

/** The data about a migration, beside the domain, that the source's libvirt sends to this host's. */
public final class MigrationCookie {
    private static final String COOKIE = """
            # The source. libvirt compares it with itself.
            qemu-migration/hostname = [A-Za-z0-9_.-]{1,255}
            qemu-migration/hostuuid = [0-9a-f-]{36}

            # What this libvirt must understand: that there may be a lock manager. Its leases are not accepted.
            qemu-migration/feature
            qemu-migration/feature@name = lockstate

            # What the source's QEMU can do.
            qemu-migration/capabilities
            qemu-migration/capabilities/cap
            qemu-migration/capabilities/cap@name = TOKEN
            qemu-migration/capabilities/cap@auto = yes|no

            # The CPU as QEMU made it.
            qemu-migration/cpu
            qemu-migration/cpu/topology
            qemu-migration/cpu/topology@sockets = NUMBER
            qemu-migration/cpu/topology@dies = NUMBER
            qemu-migration/cpu/topology@cores = NUMBER
            qemu-migration/cpu/topology@threads = NUMBER
            """ + LibvirtForms.CPU.replace("CPU", "qemu-migration/cpu");

    /** Sizes only; the files are here already. */
    private static final String DISKS = """
            qemu-migration/nbd
            qemu-migration/nbd/disk
            qemu-migration/nbd/disk@target = [a-z]{3,8}
            qemu-migration/nbd/disk@capacity = NUMBER
            """;

    private static final String STATISTIC = "qemu-migration/statistics";
    private static final AllowedXml STATISTICS =
            AllowedXml.of(LibvirtForms.patterns(STATISTIC + "\n" + STATISTIC + "/NAME = -?NUMBER"));

    private static final AllowedXml ALLOWED = AllowedXml.of(LibvirtForms.patterns(COOKIE));
    private static final AllowedXml ALLOWED_WITH_DISKS = ALLOWED.and(AllowedXml.of(LibvirtForms.patterns(DISKS)));
    private static final AllowedXml AS_EXPECTED = AllowedXml.of("");

    private MigrationCookie() {}

    /** Names the first thing in the cookie that a migration of the guest does not have; empty if there is none. */
    public static Optional<String> refusal(String xml, ArrivalExpectation guest) {
        try {
            XmlElement arrived = PlainXml.parse(xml);
            XmlElement others = arrived.withChildren(
                    arrived.children().stream().filter(child -> !child.name().equals("statistics")));
            String vm = guest.vm().toString();
            XmlElement expected = XmlElement.of("qemu-migration", "")
                    .containing(XmlElement.of("name", vm), XmlElement.of("uuid", vm));
            return new XmlComparison(guest.copiesDisks() ? ALLOWED_WITH_DISKS : ALLOWED, AS_EXPECTED)
                    .refusal(expected, others)
                    .or(() -> statistics(arrived))
                    .map(reason -> "the migration cookie: " + reason);
        } catch (RefusedXmlException e) {
            return Optional.of("the migration cookie is refused: " + e.getMessage());
        }
    }

    /** Numbers, whatever their names: libvirt adds one now and then. */
    private static Optional<String> statistics(XmlElement cookie) {
        return cookie.children("statistics")
                .flatMap(statistics -> STATISTICS
                        .refusal(STATISTIC, statistics.withChildren(Stream.empty()))
                        .or(() -> statistics.children().stream()
                                .map(number -> STATISTICS.refusal(STATISTIC + "/NAME", number))
                                .flatMap(Optional::stream)
                                .findFirst())
                        .stream())
                .findFirst();
    }
}
