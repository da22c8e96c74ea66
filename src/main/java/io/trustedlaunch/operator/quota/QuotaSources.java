package io.trustedlaunch.operator.quota;

import io.fabric8.kubernetes.api.model.Secret;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.quota.VMQuota;
import java.util.List;

/** The watched objects that quotas are compared with. */
public interface QuotaSources {
    List<VMQuota> quotasIn(String namespace);

    /** The Secrets of protection keys whose VM was retained in that namespace, also those that were taken over since. */
    List<Secret> retainedIn(String namespace);

    /** The incarnations whose agents are to remove the files of a VM of that namespace, and have not. */
    List<VMIncarnation> erasingIn(String namespace);
}
