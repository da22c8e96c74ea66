package io.trustedlaunch.agent.libvirt;

import io.trustedlaunch.agent.domain.DomainMetadata;
import io.trustedlaunch.agent.hypervisor.HypervisorException;
import io.trustedlaunch.agent.hypervisor.HypervisorFailure;
import io.trustedlaunch.agent.hypervisor.MigrationOptions;
import io.trustedlaunch.agent.hypervisor.MigrationTarget;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.libvirt.Domain;
import org.libvirt.LibvirtException;
import org.libvirt.TypedParameter;
import org.libvirt.TypedStringParameter;
import org.libvirt.TypedUlongParameter;

/**
 * Migrates a domain from libvirtd to libvirtd. Each migration has a connection of its own: libvirtd handles only a few calls
 * of a client at a time, and this one may take an hour.
 */
final class DomainMigration {
    private static final int LIVE = 1;
    private static final int PEER2PEER = 2;
    private static final int PAUSED = 32;
    /** libvirt accepts few file systems as shared; the agents have proved before that the folder is the same. */
    private static final int UNSAFE = 512;
    /** A disk error pauses the guest; it then stays, so that the error can be examined. */
    private static final int ABORT_ON_ERROR = 4096;
    /** A guest that writes faster than the link is throttled more and more. */
    private static final int AUTO_CONVERGE = 8192;

    private static final int TLS = 65536;

    private static final int FLAGS = LIVE | PEER2PEER | PAUSED | UNSAFE | ABORT_ON_ERROR | AUTO_CONVERGE | TLS;

    /**
     * VIR_MIGRATE_NON_SHARED_DISK, _NON_SHARED_SYNCHRONOUS_WRITES: all writable disks are copied, over TLS too, and writes go
     * to both hosts synchronously; otherwise a guest that writes faster than the link would never migrate.
     */
    private static final int NON_SHARED_DISK = 64 | 262144;

    /** VIR_DOMAIN_XML_SECURE, _MIGRATABLE. */
    private static final int MIGRATABLE_XML = 1 | 8;

    private final LibvirtSettings settings;

    DomainMigration(LibvirtSettings settings) {
        this.settings = settings;
    }

    /** Returns when the domain has left. */
    void run(UUID vm, MigrationTarget target, MigrationOptions options) {
        OpenConnection connection = connect();
        try {
            Domain domain = find(connection, vm);
            try {
                requireNoLostBackup(connection, vm);
                // Set anew: the domain keeps the value of an earlier attempt.
                domain.migrateSetMaxDowntime(options.pause().toMillis());
                domain.migrateToURI(
                        "qemu+unix:///system?socket=" + target.control(),
                        parameters(target, options, domain.getXMLDesc(MIGRATABLE_XML)),
                        FLAGS | (options.copiesDisks() ? NON_SHARED_DISK : 0));
            } finally {
                domain.free();
            }
        } catch (LibvirtException e) {
            throw LibvirtErrors.isConnectionLost(e)
                    ? LibvirtErrors.unavailable(e)
                    : LibvirtErrors.failed("migrate VM " + vm + " to node " + target.nodeName(), e);
        } finally {
            connection.shut();
        }
    }

    /** libvirt would wait 30 seconds for its end. */
    private static void requireNoLostBackup(OpenConnection connection, UUID vm) throws LibvirtException {
        if (connection.jobStatistics(vm).dataMissing()) {
            throw new HypervisorException(new HypervisorFailure.BackupJobLost(vm));
        }
    }

    private static TypedParameter[] parameters(MigrationTarget target, MigrationOptions options, String xml) {
        List<TypedParameter> parameters = new ArrayList<>();
        parameters.add(new TypedStringParameter("migrate_uri", "tcp://" + host(target.address())));
        parameters.add(new TypedStringParameter("tls.destination", target.nodeName()));
        parameters.add(new TypedStringParameter("destination_xml", DomainMetadata.withEpoch(xml, target.epoch())));
        if (options.mebibytesPerSecond() > 0) {
            parameters.add(new TypedUlongParameter("bandwidth", options.mebibytesPerSecond()));
        }
        return parameters.toArray(TypedParameter[]::new);
    }

    private static String host(String address) {
        return address.contains(":") ? "[" + address + "]" : address;
    }

    private static Domain find(OpenConnection connection, UUID vm) throws LibvirtException {
        try {
            return connection.domainLookupByUUIDString(vm.toString());
        } catch (LibvirtException e) {
            if (LibvirtErrors.isNoDomain(e)) {
                throw new HypervisorException(new HypervisorFailure.DomainMissing(vm), e);
            }
            throw e;
        }
    }

    private OpenConnection connect() {
        LibvirtEventLoop.ensureRunning();
        try {
            OpenConnection connection = new OpenConnection(settings);
            connection.setKeepAlive((int) settings.keepalive().toSeconds(), LibvirtConnection.KEEPALIVE_MISSES);
            return connection;
        } catch (LibvirtException e) {
            throw LibvirtErrors.unavailable(e);
        }
    }
}
