package io.trustedlaunch.agent.migration.rpc;

import io.trustedlaunch.agent.hypervisor.QemuPorts;
import io.trustedlaunch.agent.migration.arrival.ArrivalExpectation;
import io.trustedlaunch.agent.migration.arrival.ArrivingDomain;
import io.trustedlaunch.agent.migration.arrival.MigrationCookie;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The allowed messages between the libvirt of a guest's source and this host's while that guest arrives. */
public final class MigrationConversation {
    private static final String OWN_CONNECTION = "qemu:///system";
    private static final Pattern PORT = Pattern.compile(":([0-9]{1,5})");
    /** The source calls one after the other. */
    private static final int MOST_UNANSWERED = 8;

    private final ArrivalExpectation guest;
    private final Map<Integer, Procedure> unanswered = new HashMap<>();
    private Optional<String> domainXml = Optional.empty();

    public MigrationConversation(ArrivalExpectation guest) {
        this.guest = guest;
    }

    /** A message from the source. */
    public synchronized void require(RpcMessage message) throws RpcRefusedException {
        if (KeepAlive.is(message)) {
            return;
        }
        Procedure procedure = Procedure.of(message)
                .filter(known -> message.isCall())
                .orElseThrow(() -> new RpcRefusedException(message + " is not part of a migration"));
        try {
            XdrReader arguments = new XdrReader(message.payload());
            requireArguments(procedure, arguments);
            arguments.requireEnd();
        } catch (RpcRefusedException e) {
            throw new RpcRefusedException(procedure + ": " + e.getMessage());
        }
        if (unanswered.size() == MOST_UNANSWERED || unanswered.put(message.serial(), procedure) != null) {
            throw new RpcRefusedException(procedure + ": too many calls are unanswered");
        }
    }

    /** A message from this host's libvirt. */
    public synchronized void requireReply(RpcMessage message) throws RpcRefusedException {
        if (KeepAlive.is(message)) {
            return;
        }
        Procedure answered = Procedure.of(message)
                .filter(known -> message.isReply())
                .filter(procedure -> unanswered.remove(message.serial(), procedure))
                .orElseThrow(() -> new RpcRefusedException(message + " answers no call of a migration"));
        if (answered == Procedure.DOMAIN_MIGRATE_PREPARE3_PARAMS && message.status() == RpcMessage.OK) {
            requireGuardedPort(new XdrReader(message.payload()));
        }
    }

    /** The agent keeps strangers from libvirt's default ports only. */
    private void requireGuardedPort(XdrReader reply) throws RpcRefusedException {
        // The cookie.
        reply.opaque();
        String uri = reply.present() ? reply.string() : "";
        boolean guarded = portOf(uri)
                .filter(port -> port >= QemuPorts.FIRST && port <= QemuPorts.LAST)
                .isPresent();
        if (!guarded) {
            throw new RpcRefusedException("this host's libvirt chose \"" + uri + "\", which is none of the ports "
                    + QemuPorts.FIRST + " to " + QemuPorts.LAST
                    + "; remove migration_port_min and migration_port_max from its qemu.conf");
        }
    }

    private void requireArguments(Procedure procedure, XdrReader arguments) throws RpcRefusedException {
        switch (procedure) {
            case AUTH_LIST, CONNECT_CLOSE, CONNECT_REGISTER_CLOSE_CALLBACK, CONNECT_UNREGISTER_CLOSE_CALLBACK -> {
                // They have none.
            }
            case CONNECT_SUPPORTS_FEATURE -> arguments.integer();
            case CONNECT_OPEN -> requireOwnConnection(arguments);
            case DOMAIN_MIGRATE_PREPARE3_PARAMS -> requirePreparation(arguments);
            case DOMAIN_MIGRATE_FINISH3_PARAMS -> requireEnd(arguments);
        }
    }

    private static void requireOwnConnection(XdrReader arguments) throws RpcRefusedException {
        if (!arguments.present() || !arguments.string().equals(OWN_CONNECTION) || arguments.integer() != 0) {
            throw new RpcRefusedException("only a connection to " + OWN_CONNECTION + " is expected");
        }
    }

    private void requirePreparation(XdrReader arguments) throws RpcRefusedException {
        if (domainXml.isPresent()) {
            throw new RpcRefusedException("the migration is prepared already");
        }
        MigrationParameters parameters = MigrationParameters.read(arguments);
        requireCookie(arguments);
        MigrationFlags.require(arguments.integer(), guest.copiesDisks());
        if (!parameters.uri().equals(Optional.of(ownUri()))) {
            throw new RpcRefusedException("the URI of the migration is not " + ownUri());
        }
        requireName(parameters);
        refuse(ArrivingDomain.refusal(
                parameters.domainXml().orElseThrow(() -> new RpcRefusedException("there is no domain")), guest));
        domainXml = parameters.domainXml();
    }

    /** It repeats what was prepared, with the port that this host chose. */
    private void requireEnd(XdrReader arguments) throws RpcRefusedException {
        MigrationParameters parameters = MigrationParameters.read(arguments);
        requireCookie(arguments);
        MigrationFlags.require(arguments.integer(), guest.copiesDisks());
        // Whether the migration was cancelled.
        arguments.integer();
        if (domainXml.isEmpty() || !parameters.domainXml().equals(domainXml)) {
            throw new RpcRefusedException("the domain is not the one that was prepared");
        }
        if (parameters.uri().flatMap(this::portOf).isEmpty()) {
            throw new RpcRefusedException("the URI of the migration is not " + ownUri() + " with a port");
        }
        requireName(parameters);
    }

    private void requireName(MigrationParameters parameters) throws RpcRefusedException {
        String name = guest.vm().toString();
        if (parameters.domainName().filter(given -> !given.equals(name)).isPresent()) {
            throw new RpcRefusedException("the domain's name is not " + name);
        }
    }

    /** Empty after a migration that failed early. */
    private void requireCookie(XdrReader arguments) throws RpcRefusedException {
        String cookie = arguments.terminated();
        if (!cookie.isEmpty()) {
            refuse(MigrationCookie.refusal(cookie, guest));
        }
    }

    private static void refuse(Optional<String> refusal) throws RpcRefusedException {
        if (refusal.isPresent()) {
            throw new RpcRefusedException(refusal.get());
        }
    }

    /** Empty if it is not this node's URI with a port. */
    private Optional<Integer> portOf(String uri) {
        return Optional.of(uri)
                .filter(given -> given.startsWith(ownUri()))
                .map(given -> PORT.matcher(given.substring(ownUri().length())))
                .filter(Matcher::matches)
                .map(port -> Integer.parseInt(port.group(1)));
    }

    private String ownUri() {
        String address = guest.address();
        return "tcp://" + (address.contains(":") ? "[" + address + "]" : address);
    }
}
