package io.trustedlaunch.api.vm;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.crd.generator.annotation.SelectableField;
import io.fabric8.generator.annotation.Size;
import io.fabric8.kubernetes.api.model.Condition;
import io.soabase.recordbuilder.core.RecordBuilder;
import io.trustedlaunch.api.Conditioned;
import io.trustedlaunch.api.Lists;
import io.trustedlaunch.api.Messages;
import java.util.List;

/**
 * Where the console is now. It changes when the VM migrates; only the condition is there while the VM does not run.
 *
 * @param observedGeneration generation of the spec that this status describes; -1 until the session was seen
 * @param nodeName node whose agent offers the console; the agent's certificate names it
 * @param address IP address or DNS name of that node
 * @param port TCP port of the agent for consoles
 * @param authority certificate of the authority that the agent's certificate must be issued by, PEM
 * @param vmUID the VM's identity
 * @param epoch epoch of the incarnation whose console it is
 * @param expirationTime when the session ends and is removed
 * @param conditions the condition Open;
 *     Stalled or Reconciling while it is not as its spec requests
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@RecordBuilder
public record VMConsoleStatus(
        Long observedGeneration,
        @SelectableField @Size(max = 253) String nodeName,
        @Size(max = 253) String address,
        Integer port,
        @Size(max = Messages.MAX_CERTIFICATES) String authority,
        @Size(max = 36) String vmUID,
        Long epoch,
        String expirationTime,
        @JsonInclude(JsonInclude.Include.NON_EMPTY) List<Condition> conditions)
        implements Conditioned {
    public VMConsoleStatus {
        conditions = Lists.orEmpty(conditions);
    }
}
