package io.trustedlaunch.operator.quota;

import io.fabric8.kubernetes.api.model.Secret;
import io.trustedlaunch.api.Api;
import io.trustedlaunch.api.vm.RetainedVMRecord;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** The charges of the files of retained VMs, for which there is no VM object. */
public final class RetainedFiles {
    private RetainedFiles() {}

    /** The namespace that the VM of a key was retained in; empty if it was not, or the record cannot be read. */
    public static Optional<String> namespace(Secret key) {
        return record(key).map(RetainedVMRecord::namespace);
    }

    /**
     * The keys are the VMs' identities.
     *
     * @param counted identities of VMs that count for their files themselves
     */
    static Map<String, Use> of(List<Secret> keys, Set<String> counted) {
        return keys.stream()
                .flatMap(key -> record(key).stream())
                .filter(record -> !counted.contains(record.uid()))
                .collect(Collectors.toMap(RetainedVMRecord::uid, RetainedFiles::use, (one, same) -> one));
    }

    private static Use use(RetainedVMRecord record) {
        return UseBuilder.builder().storage(VmCharge.of(record).use().storage()).build();
    }

    private static Optional<RetainedVMRecord> record(Secret key) {
        try {
            return Optional.ofNullable(key.getMetadata().getAnnotations())
                    .map(annotations -> annotations.get(Api.RETAINED_VM))
                    .map(RetainedVMRecord::parse);
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
