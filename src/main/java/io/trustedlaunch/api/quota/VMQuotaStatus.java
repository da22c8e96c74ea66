package io.trustedlaunch.api.quota;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Size;
import io.fabric8.kubernetes.api.model.Condition;
import io.soabase.recordbuilder.core.RecordBuilder;
import io.trustedlaunch.api.Conditioned;
import io.trustedlaunch.api.Lists;
import java.util.List;

/**
 * The use of the namespace. It is gathered every few seconds, while each start counts at once.
 *
 * @param observedGeneration generation of the spec that this status describes; -1 until the quota was seen
 * @param hard the limits
 * @param used what the namespace takes; more than a limit after the limit was lowered, or after a failover
 * @param summary use and limit, for people
 * @param conditions the condition Ready;
 *     Stalled or Reconciling while it is not as its spec requests
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public record VMQuotaStatus(
        Long observedGeneration,
        QuotaAmounts hard,
        QuotaAmounts used,
        Summary summary,
        @JsonInclude(JsonInclude.Include.NON_EMPTY) List<Condition> conditions)
        implements Conditioned {
    public VMQuotaStatus {
        conditions = Lists.orEmpty(conditions);
    }

    /**
     * Use and limit as one text each, such as 3/10; only the use where there is no limit.
     *
     * @param vms number of VMs
     * @param cores number of virtual CPUs
     * @param memory bytes of memory
     * @param storage bytes of disks
     * @param backups number of VMBackups
     * @param migrations number of live migrations
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    @JsonInclude(JsonInclude.Include.NON_NULL)
    @RecordBuilder
    public record Summary(
            @Size(max = Summary.MAX_LENGTH) String vms,
            @Size(max = Summary.MAX_LENGTH) String cores,
            @Size(max = Summary.MAX_LENGTH) String memory,
            @Size(max = Summary.MAX_LENGTH) String storage,
            @Size(max = Summary.MAX_LENGTH) String backups,
            @Size(max = Summary.MAX_LENGTH) String migrations) {
        static final int MAX_LENGTH = 80;
    }
}
