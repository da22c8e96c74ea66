package io.trustedlaunch.api.image;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Size;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.Quantity;
import io.soabase.recordbuilder.core.RecordBuilder;
import io.trustedlaunch.api.Conditioned;
import io.trustedlaunch.api.Lists;
import io.trustedlaunch.api.Percent;
import java.util.List;

/**
 * How far the import is, as its agent reports.
 *
 * @param observedGeneration generation of the spec that this status describes
 * @param progressPercent percentage of the source that was transferred; absent while the source's size is unknown
 * @param transferred bytes of the source that were transferred; reported every ten seconds at most
 * @param size bytes of the source; absent while unknown
 * @param format format of the copy, which is that of the source
 * @param virtualSize bytes of the disk inside the copy
 * @param removed nothing of the copy is left on the node; reported while it is being deleted
 * @param conditions the condition Ready
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@RecordBuilder
public record ImageCopyStatus(
        Long observedGeneration,
        Integer progressPercent,
        Quantity transferred,
        Quantity size,
        @Size(max = 16) String format,
        Quantity virtualSize,
        Boolean removed,
        @JsonInclude(JsonInclude.Include.NON_EMPTY) List<Condition> conditions)
        implements Conditioned {
    public ImageCopyStatus {
        conditions = Lists.orEmpty(conditions);
        progressPercent = Percent.bounded(progressPercent);
    }
}
