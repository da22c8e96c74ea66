package io.trustedlaunch.agent.incarnation;

import io.trustedlaunch.agent.folder.Ownership;
import io.trustedlaunch.agent.incarnation.report.StatusWriter;
import java.util.function.Supplier;

/**
 * The access of incarnations to the API server.
 *
 * @param leader holder identity in the operator's Lease, as it was seen last
 */
public record ApiAccess(
        Ownership.Reader owners, IncarnationLookup incarnations, StatusWriter writer, Supplier<String> leader) {}
