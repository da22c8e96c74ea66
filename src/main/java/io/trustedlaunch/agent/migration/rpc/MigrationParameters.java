package io.trustedlaunch.agent.migration.rpc;

import java.util.Optional;

/**
 * The typed parameters of a migration. Others are refused, such as those that name a port, a listening address, a disk or
 * a persistent domain.
 *
 * @param domainXml the domain
 * @param uri where QEMU connects to
 * @param domainName the domain's name here
 */
record MigrationParameters(Optional<String> domainXml, Optional<String> uri, Optional<String> domainName) {
    private static final int MOST = 64;
    private static final int UNSIGNED_HYPER = 4;
    private static final int STRING = 7;

    static MigrationParameters read(XdrReader from) throws RpcRefusedException {
        MigrationParameters parameters = new MigrationParameters(Optional.empty(), Optional.empty(), Optional.empty());
        int count = from.count(MOST);
        for (int i = 0; i < count; i++) {
            parameters = parameters.with(from.string(), from.integer(), from);
        }
        return parameters;
    }

    private MigrationParameters with(String name, int type, XdrReader from) throws RpcRefusedException {
        return switch (name) {
            case "destination_xml" -> new MigrationParameters(text(domainXml, name, type, from), uri, domainName);
            case "migrate_uri" -> new MigrationParameters(domainXml, text(uri, name, type, from), domainName);
            case "destination_name" -> new MigrationParameters(domainXml, uri, text(domainName, name, type, from));
            case "bandwidth" -> {
                // It limits the source.
                requireType(name, type, UNSIGNED_HYPER);
                from.hyper();
                yield this;
            }
            default ->
                throw new RpcRefusedException("parameter \"" + name.replaceAll("[^a-z._]", "?") + "\" is not expected");
        };
    }

    private static Optional<String> text(Optional<String> before, String name, int type, XdrReader from)
            throws RpcRefusedException {
        requireType(name, type, STRING);
        if (before.isPresent()) {
            throw new RpcRefusedException("parameter \"" + name + "\" is there twice");
        }
        return Optional.of(from.string());
    }

    private static void requireType(String name, int type, int expected) throws RpcRefusedException {
        if (type != expected) {
            throw new RpcRefusedException("parameter \"" + name + "\" is of type " + Integer.toUnsignedString(type));
        }
    }
}
