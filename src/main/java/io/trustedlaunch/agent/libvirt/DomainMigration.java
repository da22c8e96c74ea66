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
 * Moves a domain, libvirtd to libvirtd. Each move has a connection of its own: libvirtd works on a few calls of a client
 * at a time, and this one may take an hour.
 */
final class DomainMigration {
    private static final int LIVE = 1;
    private static final int PEER2PEER = 2;
    private static final int PAUSED = 32;
    /** libvirt believes few file systems to be shared, whatever the cache; that it is one folder was proved before. */
    private static final int UNSAFE = 512;
    /** A disk that fails meanwhile pauses the guest; it is to be looked at where it is. */
    private static final int ABORT_ON_ERROR = 4096;
    /** A guest that writes faster than the link is slowed down, more and more. */
    private static final int AUTO_CONVERGE = 8192;

    private static final int TLS = 65536;

    private static final int FLAGS = LIVE | PEER2PEER | PAUSED | UNSAFE | ABORT_ON_ERROR | AUTO_CONVERGE | TLS;

    /**
     * VIR_MIGRATE_NON_SHARED_DISK, _NON_SHARED_SYNCHRONOUS_WRITES: all that the guest can write to is copied, over TLS as
     * well, and what it writes meanwhile is there when it is here; or one that writes faster than the link would never move.
     */
    private static final int NON_SHARED_DISK = 64 | 262144;

    /** VIR_DOMAIN_XML_SECURE, _MIGRATABLE. */
    private static final int AS_IT_IS_MOVED = 1 | 8;

    private final LibvirtSettings settings;

    DomainMigration(LibvirtSettings settings) {
        this.settings = settings;
    }

    /** Returns when the domain has gone. */
    void run(UUID vm, MigrationTarget target, MigrationOptions manner) {
        OpenConnection connection = connect();
        try {
            Domain domain = find(connection, vm);
            try {
                // It keeps what an earlier try allowed it.
                domain.migrateSetMaxDowntime(manner.pause().toMillis());
                domain.migrateToURI(
                        "qemu+unix:///system?socket=" + target.control(),
                        parameters(target, manner, domain.getXMLDesc(AS_IT_IS_MOVED)),
                        FLAGS | (manner.copiesDisks() ? NON_SHARED_DISK : 0));
            } finally {
                domain.free();
            }
        } catch (LibvirtException e) {
            throw LibvirtErrors.isConnectionLost(e)
                    ? LibvirtErrors.unavailable(e)
                    : LibvirtErrors.failed("move VM " + vm + " to node " + target.nodeName(), e);
        } finally {
            connection.shut();
        }
    }

    private static TypedParameter[] parameters(MigrationTarget target, MigrationOptions manner, String xml) {
        List<TypedParameter> parameters = new ArrayList<>();
        parameters.add(new TypedStringParameter("migrate_uri", "tcp://" + host(target.address())));
        parameters.add(new TypedStringParameter("tls.destination", target.nodeName()));
        parameters.add(new TypedStringParameter("destination_xml", DomainMetadata.withEpoch(xml, target.epoch())));
        if (manner.mebibytesPerSecond() > 0) {
            parameters.add(new TypedUlongParameter("bandwidth", manner.mebibytesPerSecond()));
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
            OpenConnection connection = new OpenConnection(settings.uri());
            connection.setKeepAlive((int) settings.keepalive().toSeconds(), LibvirtConnection.KEEPALIVE_MISSES);
            return connection;
        } catch (LibvirtException e) {
            throw LibvirtErrors.unavailable(e);
        }
    }
}
