package io.trustedlaunch.cli.plugin.console;

import io.fabric8.kubernetes.client.dsl.Resource;
import io.trustedlaunch.api.vm.VMConsole;
import io.trustedlaunch.custody.SessionKey;

/**
 * A VMConsole that this process has created, and the key of its session.
 *
 * @param id UID of the VMConsole
 */
public record RequestedConsole(Resource<VMConsole> resource, String id, SessionKey key) {}
