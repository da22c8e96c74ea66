package io.trustedlaunch;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.lang.conditions.ArchConditions.have;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noFields;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaFieldAccess;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.CompositeArchRule;
import io.trustedlaunch.agent.folder.Entry;
import io.trustedlaunch.agent.folder.FolderGate;
import io.trustedlaunch.agent.folder.Permit;
import io.trustedlaunch.agent.hypervisor.Hypervisor;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.Remedy;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec;
import io.trustedlaunch.audit.Act;
import io.trustedlaunch.controller.Conditions;
import java.util.Arrays;
import java.util.Set;
import java.util.function.Predicate;

/** The walls between the rooms; docs/architecture.md has the plan of the house. */
@AnalyzeClasses(packages = "io.trustedlaunch", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
    private static final String HERE = "io.trustedlaunch.";

    private static final String[] PURE_ROOMS = {
        HERE + "eligibility..",
        HERE + "catalog..",
        HERE + "placement..",
        HERE + "custody..",
        HERE + "gueststate..",
        HERE + "backup",
        HERE + "bootlog..",
        HERE + "console..",
        HERE + "download..",
        HERE + "cli.plugin.qcow2..",
        HERE + "agent.domain..",
        HERE + "agent.migration.arrival..",
        HERE + "agent.migration.rpc.."
    };

    private static final DescribedPredicate<JavaClass> KUBERNETES =
            resideInAnyPackage("io.fabric8.kubernetes.client..", "io.javaoperatorsdk..");
    /** A quantity is a number. */
    private static final DescribedPredicate<JavaClass> KUBERNETES_AND_ITS_MODEL = resideInAnyPackage(
                    "io.fabric8..", "io.javaoperatorsdk..")
            .and(not(named("io\\.fabric8\\.kubernetes\\.api\\.model\\.Quantity")));

    private static final DescribedPredicate<JavaClass> LIBVIRT = resideInAPackage("org.libvirt..");
    private static final DescribedPredicate<JavaClass> NATIVE_CODE = resideInAPackage("com.sun.jna..");
    private static final DescribedPredicate<JavaClass> PROCESSES = named("java\\.lang\\.Process(Builder|Handle)?");
    /** A path is a name until somebody follows it. */
    private static final DescribedPredicate<JavaClass> FILES_AND_NETWORK = resideInAnyPackage(
                    "java.nio.channels..", "java.net..")
            .or(named("java\\.nio\\.file\\.(?!Path$|InvalidPathException$).*"))
            .or(named("java\\.io\\.(File|RandomAccessFile).*"));

    @ArchTest
    static final ArchRule pureRoomsTouchNothing = noClasses()
            .that()
            .resideInAnyPackage(PURE_ROOMS)
            .should()
            .dependOnClassesThat(KUBERNETES_AND_ITS_MODEL
                    .or(LIBVIRT)
                    .or(NATIVE_CODE)
                    .or(PROCESSES)
                    .or(FILES_AND_NETWORK))
            .because("rules that are pure can be driven through every interleaving and crash by a test")
            .allowEmptyShould(true);

    @ArchTest
    static final ArchRule pureRoomsHaveNoClockAndNoDice = noClasses()
            .that()
            .resideInAnyPackage(PURE_ROOMS)
            .should()
            .accessTargetWhere(readsTheClockOrDrawsChance())
            .because("a test hands in time and chance")
            .allowEmptyShould(true);

    @ArchTest
    static final ArchRule recoveryTouchesNothing = noClasses()
            .that()
            .resideInAPackage(HERE + "recovery..")
            .should()
            .dependOnClassesThat(
                    KUBERNETES.or(LIBVIRT).or(NATIVE_CODE).or(PROCESSES).or(FILES_AND_NETWORK))
            .orShould()
            .accessTargetWhere(readsTheClockOrDrawsChance())
            .because("it works where there is no cluster, and with keys in its hands");

    @ArchTest
    static final ArchRule plannersAndStatusesArePure = noClasses()
            .that()
            .haveNameMatching(".*\\.(\\w+Planner|\\w+Plan|\\w+Facts|\\w+Step)(\\$.*)?")
            .should()
            .dependOnClassesThat(KUBERNETES.or(LIBVIRT).or(NATIVE_CODE).or(PROCESSES))
            .orShould()
            .accessTargetWhere(readsTheClockOrDrawsChance())
            .because("a decision is made from facts alone; gathering and carrying out are other classes")
            .allowEmptyShould(true);

    @ArchTest
    static final ArchRule decisionsAboutAVmTouchNothing = noClasses()
            .that()
            .resideInAnyPackage(
                    HERE + "operator.vm.facts..", HERE + "operator.vm.plan..", HERE + "agent.incarnation.plan..")
            .should()
            .dependOnClassesThat(
                    KUBERNETES.or(LIBVIRT).or(NATIVE_CODE).or(PROCESSES).or(resideInAPackage("java.nio.channels..")))
            .orShould()
            .accessTargetWhere(readsTheClockOrDrawsChance())
            .because("where a VM may run is decided from facts alone, so that a test can show the decider any of them");

    @ArchTest
    static final ArchRule aVmsFactsKnowNoDecision = layers("operator.vm", "facts", "plan", "status")
            .because("a plan that reads what users are shown would decide from its own words");

    @ArchTest
    static final ArchRule sealingKnowsNoDecision = noClasses()
            .that()
            .resideInAPackage(HERE + "operator.vm.seal..")
            .should()
            .dependOnClassesThat(resideInAnyPackage(HERE + "operator.vm.plan..", HERE + "operator.vm.status.."))
            .because("what holds keys in its hands seals what it is given, and decides nothing");

    @ArchTest
    static final ArchRule sealingToNodesKnowsNobodyWhoSeals = noClasses()
            .that()
            .resideInAPackage(HERE + "operator.seal..")
            .should()
            .dependOnClassesThat(resideInAPackage(HERE + "operator..")
                    .and(not(resideInAnyPackage(HERE + "operator.seal..", HERE + "operator.kube.."))))
            .because("VMs, images and backups stand on it: one certificate of a node is believed, whatever is sealed");

    @ArchTest
    static final ArchRule keysAreReleasedInOnePlace = noClasses()
            .that()
            .doNotHaveFullyQualifiedName(HERE + "operator.seal.KeyReleases")
            .and()
            .doNotHaveFullyQualifiedName(Act.class.getName())
            .should()
            .accessTargetWhere(describe(
                    "says that keys were released",
                    access -> access.getTargetOwner().isEquivalentTo(Act.class)
                            && Set.of(Act.KeyReleased.name(), Act.BackupKeysReleased.name())
                                    .contains(access.getTarget().getName())))
            .because("a key that a node has got is on record, also when the answer to the write was lost");

    @ArchTest
    static final ArchRule anIncarnationIsBuiltFromTheRecordUpwards = layers(
                    "agent.incarnation", "record", "report", "plan", "state", "migration")
            .because("what is on the disk outlives the process, so that it must make sense without the rest");

    @ArchTest
    static final ArchRule whatStartsAndStopsGuestsKnowsNoBackups = noClasses()
            .that()
            .resideInAPackage(HERE + "agent.incarnation..")
            .should()
            .transitivelyDependOnClassesThat(resideInAnyPackage(
                    HERE + "agent.backup..",
                    HERE + "agent.backuprun..",
                    HERE + "agent.restorerun..",
                    HERE + "agent.storedbackuprun..",
                    HERE + "agent.run..",
                    HERE + "backup.."))
            .orShould()
            .accessTargetWhere(describe(
                    "has to do with backups or restores by its name",
                    access -> access.getTarget().getFullName().matches(".*([Bb]ackup|[Rr]estore(?!d)).*")))
            .because("a guest that is to start, to leave or to stop waits for no backup: those register with it");

    @ArchTest
    static final ArchRule theEngineOfOrdersKnowsNoKindOfThem = noClasses()
            .that()
            .resideInAPackage(HERE + "agent.order..")
            .should()
            .dependOnClassesThat(named("io\\.trustedlaunch\\.api\\.\\w+\\.\\w+(Run|RunSpec|RunStatus)(\\$.*)?")
                    .or(resideInAPackage(HERE + "agent.imagecopy..")))
            .because("incarnations use its lower half, and a new kind of order adds itself");

    @ArchTest
    static final ArchRule theApiIsData = noClasses()
            .that()
            .resideInAPackage(HERE + "api..")
            .should()
            .dependOnClassesThat(LIBVIRT.or(NATIVE_CODE)
                    .or(PROCESSES)
                    .or(FILES_AND_NETWORK)
                    .or(resideInAPackage("io.javaoperatorsdk.."))
                    .or(resideInAPackage("io.trustedlaunch..").and(describe("outside api", outside(HERE + "api")))))
            .because("everything depends on it");

    @ArchTest
    static final ArchRule noGuestRunsWithoutAPermit = noClasses()
            .that()
            .resideInAPackage(HERE + "agent..")
            .and()
            .doNotHaveFullyQualifiedName(HERE + "agent.incarnation.state.GuestDomains")
            .and()
            // What this lets go on, an agent has paused itself for an instant.
            .haveNameNotMatching(".*\\.GuestPause(\\$.*)?")
            .should()
            .callMethodWhere(describe(
                    "lets a guest run or opens its disks",
                    call -> call.getTargetOwner().isEquivalentTo(Hypervisor.class)
                            && Set.of("createPaused", "resume").contains(call.getName())))
            .because("each start, resume and arrival passes the gate before the VM's folder");

    @ArchTest
    static final ArchRule aMachineIsReadAsItIsNow = noClasses()
            .that()
            .areNotAssignableTo(VMIncarnationSpec.class)
            .and()
            .haveNameNotMatching(".*\\.VMIncarnationSpecBuilder(\\$.*)?")
            .should()
            .accessTargetWhere(calls("io\\.trustedlaunch\\.api\\.incarnation\\.VMIncarnationSpec", "machine"))
            .because("disks and cards come and go while the guest runs: machineNow() has them");

    @ArchTest
    static final ArchRule onlyTheGateMakesPermits = noClasses()
            .that()
            .areNotAssignableTo(FolderGate.class)
            .should()
            .callConstructorWhere(
                    describe("makes a permit", call -> call.getTargetOwner().isEquivalentTo(Permit.class)))
            .because("what may write into a VM's folder has just been looked at");

    @ArchTest
    static final ArchRule noPermitIsKept = noFields()
            .that()
            .areDeclaredInClassesThat()
            .doNotHaveFullyQualifiedName(Entry.Granted.class.getName())
            .should()
            .haveRawType(Permit.class)
            .because("a permit is for one act after one look; the next pass looks again");

    @ArchTest
    static final ArchRule oneRoomTalksToLibvirt = noClasses()
            .that()
            .resideOutsideOfPackage(HERE + "agent.libvirt..")
            .should()
            .dependOnClassesThat(LIBVIRT)
            .because("native handles, threads and error codes stay behind the Hypervisor port")
            .allowEmptyShould(true);

    @ArchTest
    static final ArchRule nativeCodeIsCalledWhereTheJdkCannot = noClasses()
            .that()
            .resideOutsideOfPackage(HERE + "agent.libvirt..")
            .and()
            // Access lists of a folder: the JDK reads only attributes of users.
            .doNotHaveFullyQualifiedName(HERE + "agent.location.DiskPathInspector")
            .and()
            // Files of a storage location whose path must not lead elsewhere.
            .doNotHaveFullyQualifiedName(HERE + "files.OpenFile")
            .and()
            // Locks that belong to an open file, as QEMU's do: the JDK's belong to the process.
            .doNotHaveFullyQualifiedName(HERE + "agent.location.OpenFileLocks")
            .and()
            // The root of the host, for an agent in a pod.
            .doNotHaveFullyQualifiedName(HERE + "agent.HostRoot")
            .and()
            .haveNameNotMatching(".*\\.(DiskPathInspector|OpenFile|OpenFileLocks|HostRoot)\\$.*")
            .should()
            .dependOnClassesThat(NATIVE_CODE)
            .because("a wrong call there ends the process, or worse")
            .allowEmptyShould(true);

    @ArchTest
    static final ArchRule imagesAreReadBeforeAnyToolOpensThem = noClasses()
            .that()
            .resideInAPackage(HERE + "agent.imageform..")
            .should()
            .dependOnClassesThat(PROCESSES
                    .or(NATIVE_CODE)
                    .or(KUBERNETES)
                    .or(resideInAPackage("java.net.."))
                    .or(named("io\\.trustedlaunch\\.process\\.Command")))
            .because("a tool opens the files that an image names, whatever they are, before it says so");

    @ArchTest
    static final ArchRule oneRoomMakesKeysAndCiphers = noClasses()
            .that()
            .resideOutsideOfPackage(HERE + "custody..")
            .should()
            .dependOnClassesThat(resideInAnyPackage("javax.crypto..", "org.bouncycastle..")
                    .or(named("java\\.security\\.(KeyPairGenerator|Signature|KeyStore)")))
            .because("what can give a key away must be read in one sitting");

    @ArchTest
    static final ArchRule oneRoomSignsWithAnAccountsKey = noClasses()
            .that()
            .resideOutsideOfPackage(HERE + "backup.s3.account..")
            .should()
            .dependOnClassesThat(resideInAPackage("software.amazon.."))
            .because("what an account's key signs must be read in one sitting");

    @ArchTest
    static final ArchRule noNodeHasAnAccountsKey = noClasses()
            .that()
            .resideOutsideOfPackages(HERE + "backup.s3.account..", HERE + "operator.backup.s3..", HERE + "cli.plugin..")
            .should()
            .dependOnClassesThat(resideInAPackage(HERE + "backup.s3.account.."))
            .because("an agent asks a bucket only what was signed for it");

    @ArchTest
    static final ArchRule fewClassesWriteToKubernetes = noClasses()
            .that()
            .doNotHaveFullyQualifiedName(HERE + "controller.KubeWriter")
            .and()
            .doNotHaveFullyQualifiedName(HERE + "operator.identity.KubeIdentityWriter")
            .and()
            .doNotHaveFullyQualifiedName(HERE + "agent.kube.AgentWriter")
            .and()
            .doNotHaveFullyQualifiedName(HERE + "agent.identity.KubeCertificateRequests")
            .and()
            .doNotHaveFullyQualifiedName(HERE + "cli.plugin.PluginWriter")
            .should()
            .accessTargetWhere(writesToKubernetes())
            .because("every write is a decision, and says in one place what it does when it meets a newer object");

    @ArchTest
    static final ArchRule theOperatorReadsIndexesOnlyToSign = noClasses()
            .that()
            .resideInAPackage(HERE + "operator..")
            .and()
            .resideOutsideOfPackage(HERE + "operator.backup.s3..")
            .should()
            .dependOnClassesThat(named("io\\.trustedlaunch\\.backup\\.(BackupIndex|StoredIndex)(\\$.*)?"))
            .because(
                    "nodes write them: they say which packs a run may read, if the digest is on record, and which ones stay");

    @ArchTest
    static final ArchRule whatDecidesAboutAnObjectSaysItsHealth = noClasses()
            .should(have(aDecidingConditionAlone()))
            .because(
                    "Stalled and Reconciling, by which tools know whether to wait, follow in one place from all conditions");

    @ArchTest
    static final ArchRule noAgentSaysThatOnlyAPersonHelps = noClasses()
            .that()
            .resideInAnyPackage(HERE + "agent..", HERE + "backup..")
            .should()
            .accessFieldWhere(isAReasonThatStalls())
            .because("no node's word stalls another object, so its report would not be believed");

    @ArchTest
    static final ArchRule whatNodesReportStallsNothing = noClasses()
            .that()
            .resideInAPackage(HERE + "operator..")
            .should()
            .accessTargetWhere(calls("io\\.trustedlaunch\\.api\\.Reason", "named"))
            .because("Reason.reported reads a reason that a node may have written");

    @ArchTest
    static final ArchRule listsAreReadInPages = noClasses()
            .that()
            .doNotHaveFullyQualifiedName(HERE + "process.Informers")
            .and()
            .resideOutsideOfPackage(HERE + "cli.plugin..")
            .should()
            .accessTargetWhere(calls("io\\.fabric8\\..*", "runnableInformer|inform"))
            .because("whoever may create objects decides how long a list is");

    @ArchTest
    static final ArchRule thePluginPrintsInOnePlace = noClasses()
            .that()
            .resideInAPackage(HERE + "cli.plugin..")
            .and()
            .doNotHaveFullyQualifiedName(HERE + "cli.plugin.terminal.TextOutput")
            .and()
            // What a guest sends to its console; it takes back what that has set in the terminal.
            .doNotHaveFullyQualifiedName(HERE + "cli.plugin.console.Screen")
            .should()
            .accessTargetWhere(calls("java\\.io\\.Print(Writer|Stream)", "print(ln|f)?|format|write|append")
                    .or(calls("picocli\\.CommandLine", "getOut|getErr|usage|printVersionHelp"))
                    .or(describe(
                            "reads System.out or System.err",
                            access -> access.getTargetOwner().isEquivalentTo(System.class)
                                    && Set.of("out", "err")
                                            .contains(access.getTarget().getName()))))
            .because("texts of agents, guests and tenants must not speak to the user's terminal");

    @ArchTest
    static final ArchRule reconcilersWriteThroughTheWriterToo = noClasses()
            .should()
            .accessTargetWhere(calls(
                            "io\\.javaoperatorsdk\\..*\\.(UpdateControl|ErrorStatusUpdateControl|DeleteControl)",
                            "(patch|update|default)[A-Z].*")
                    .or(calls("io\\.javaoperatorsdk\\..*\\.PrimaryUpdateAndCacheUtils", ".*[pP]atch.*|.*[uU]pdate.*")))
            .because("a framework that writes behind a reconciler's back writes without its resourceVersion");

    @ArchTest
    static final ArchRule theOperatorChangesNoCachedObject = noClasses()
            .that()
            .resideInAnyPackage(HERE + "operator..", HERE + "controller..")
            .and()
            // It is given an empty one.
            .doNotHaveFullyQualifiedName(HERE + "controller.StatusRecorder")
            .should()
            .accessTargetWhere(calls(
                            "io\\.fabric8\\.kubernetes\\.api\\.model\\..*",
                            "set[A-Z].*|(add|remove)(Finalizer|OwnerReference)")
                    .or(changesAnObjectThatItDidNotMake()))
            .because("all controllers share the object, and none is given a copy: a changed object is a new one");

    @ArchTest
    static final ArchRule theOperatorIsKnownToItsCommandAlone = isKnownToItsCommandAlone("operator")
            .because("the API server is the only bus between it and the agents, and they are upgraded apart");

    @ArchTest
    static final ArchRule theAgentIsKnownToItsCommandAlone = isKnownToItsCommandAlone("agent")
            .because("it is root on every host, and nobody else needs what it can do there");

    @ArchTest
    static final ArchRule theFencerIsKnownToItsCommandAlone = isKnownToItsCommandAlone("fencer")
            .because("credentials of management controllers are in one process, which does nothing else");

    @ArchTest
    static final ArchRule theFencerIsAlone = noClasses()
            .that()
            .resideInAnyPackage(HERE + "fencer..", HERE + "cli.fencer..")
            .should()
            .dependOnClassesThat(resideInAPackage("io.trustedlaunch..")
                    .and(not(resideInAnyPackage(
                            HERE + "fencer..",
                            HERE + "cli.fencer..",
                            HERE + "cli",
                            HERE + "api..",
                            HERE + "audit..",
                            HERE + "controller..",
                            HERE + "custody..",
                            HERE + "process..",
                            HERE + "web.."))))
            .because("it holds the power of every host in its hands, and decides nothing");

    @ArchTest
    static final ArchRule whatCommandsShareKnowsNone = noClasses()
            .that()
            .resideInAPackage(HERE + "cli")
            .should()
            .dependOnClassesThat(resideInAnyPackage(
                    HERE + "cli.operator..", HERE + "cli.agent..", HERE + "cli.fencer..", HERE + "cli.plugin.."))
            .because("each image, and the plugin, has the command lines of its role alone");

    @ArchTest
    static final ArchRule whatControllersShareKnowsNone = noClasses()
            .that()
            .resideInAPackage(HERE + "controller..")
            .should()
            .dependOnClassesThat(resideInAPackage("io.trustedlaunch..")
                    .and(not(resideInAnyPackage(HERE + "controller..", HERE + "api.."))))
            .because("the operator and the fencer both stand on it");

    @ArchTest
    static final ArchRule watchesAreDeclaredInOneWay = noClasses()
            .that()
            .resideOutsideOfPackage(HERE + "controller..")
            .should()
            .accessTargetWhere(calls("io\\.javaoperatorsdk\\..*\\.InformerEventSourceConfiguration", "from"))
            .because("without a mapper to secondaries, the SDK keeps an index of primaries that are gone");

    @ArchTest
    static final ArchRule nobodyCallsTheCommandLine = noClasses()
            .that()
            .resideOutsideOfPackage(HERE + "cli..")
            .should()
            .dependOnClassesThat(resideInAnyPackage(HERE + "cli..", "picocli.."))
            .because("arguments are parsed once, into a configuration");

    @ArchTest
    static final ArchRule roomsHaveNoCycles = slices().matching(HERE + "(**)")
            .should()
            .beFreeOfCycles()
            .because("a room that can be understood only with its neighbour is one room");

    @ArchTest
    static final ArchRule namesSayWhatAClassIsFor = noClasses()
            .should()
            .haveSimpleNameContaining("Util")
            .orShould()
            .haveSimpleNameContaining("Helper")
            .orShould()
            .haveSimpleNameContaining("Manager")
            .because("such a name gathers whatever has no place");

    /** A role is delivered apart from the others. */
    private static ArchRule isKnownToItsCommandAlone(String role) {
        return noClasses()
                .that()
                .resideOutsideOfPackages(HERE + role + "..", HERE + "cli." + role + "..")
                .should()
                .dependOnClassesThat(resideInAPackage(HERE + role + ".."));
    }

    /** Each of the rooms may use those before it, and none behind it. */
    private static ArchRule layers(String house, String... rooms) {
        String[] packages = Arrays.stream(rooms)
                .map(room -> HERE + house + "." + room + "..")
                .toArray(String[]::new);
        CompositeArchRule rule = CompositeArchRule.of(inNoneOf(HERE + house, packages[0], packages, 1));
        for (int room = 1; room < packages.length; room++) {
            rule = rule.and(inNoneOf(HERE + house, packages[room], packages, room + 1));
        }
        return rule;
    }

    private static ArchRule inNoneOf(String house, String room, String[] rooms, int from) {
        String[] above = Arrays.copyOfRange(rooms, from, rooms.length + 1);
        above[above.length - 1] = house;
        return noClasses().that().resideInAPackage(room).should().dependOnClassesThat(resideInAnyPackage(above));
    }

    private static DescribedPredicate<JavaClass> named(String pattern) {
        return nameMatching(pattern).forSubtype();
    }

    private static DescribedPredicate<JavaAccess<?>> writesToKubernetes() {
        return calls(
                "io\\.fabric8\\.kubernetes\\.client\\..*",
                "create|createOr\\w+|patch|patchStatus|update|updateStatus|replace|replaceStatus|serverSideApply|edit"
                        + "|editStatus|delete|scale|evict|accept");
    }

    private static DescribedPredicate<JavaAccess<?>> changesAnObjectThatItDidNotMake() {
        DescribedPredicate<JavaAccess<?>> elsewhere = describe(
                "whose method did not make it",
                access -> access.getOrigin().getConstructorCallsFromSelf().stream()
                        .noneMatch(made -> made.getTargetOwner().equals(access.getTargetOwner())));
        return calls("io\\.trustedlaunch\\.api\\..*|.*\\.CustomResource", "set(Metadata|Spec|Status)")
                .and(elsewhere);
    }

    /** Its method makes a condition of such a type, and its class no list of all conditions. */
    private static DescribedPredicate<JavaClass> aDecidingConditionAlone() {
        Set<String> deciding = Set.of("Ready", "Migrated", "Completed", "Open");
        return describe(
                "a deciding condition without those that follow from it",
                type -> type.getCodeUnits().stream()
                                .anyMatch(method -> callsConditions(method.getMethodCallsFromSelf(), "of")
                                        && method.getFieldAccesses().stream()
                                                .map(JavaAccess::getTarget)
                                                .anyMatch(field ->
                                                        field.getOwner().isEquivalentTo(ConditionType.class)
                                                                && deciding.contains(field.getName())))
                        && !callsConditions(type.getMethodCallsFromSelf(), "all")
                        && type.getMethodReferencesFromSelf().stream()
                                .noneMatch(reference -> isOfConditions(reference, "all")));
    }

    private static boolean callsConditions(Set<? extends JavaAccess<?>> calls, String name) {
        return calls.stream().anyMatch(call -> isOfConditions(call, name));
    }

    private static boolean isOfConditions(JavaAccess<?> call, String name) {
        return call.getTargetOwner().isEquivalentTo(Conditions.class)
                && call.getTarget().getName().equals(name);
    }

    private static DescribedPredicate<JavaFieldAccess> isAReasonThatStalls() {
        return describe(
                "a reason that only a person can end",
                access -> access.getTargetOwner().isEquivalentTo(Reason.class)
                        && Reason.named(access.getTarget().getName())
                                .filter(reason -> reason.remedy() == Remedy.Person)
                                .isPresent());
    }

    private static DescribedPredicate<JavaAccess<?>> readsTheClockOrDrawsChance() {
        return calls("java\\.time\\.\\w+", "now|system\\w*|tick\\w*")
                .or(calls("java\\.lang\\.System", "currentTimeMillis|nanoTime"))
                .or(calls("java\\.util\\.UUID", "randomUUID"))
                .or(calls("java\\.lang\\.Math", "random"))
                .or(calls("java\\.(util|security)\\.\\w*Random", "<init>"));
    }

    private static DescribedPredicate<JavaAccess<?>> calls(String ownerPattern, String namePattern) {
        return describe(
                "calls of " + ownerPattern + "#" + namePattern,
                access -> access.getTargetOwner().getName().matches(ownerPattern)
                        && access.getTarget().getName().matches(namePattern));
    }

    private static Predicate<JavaClass> outside(String room) {
        return type -> !type.getPackageName().startsWith(room);
    }
}
