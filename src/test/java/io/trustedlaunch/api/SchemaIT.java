package io.trustedlaunch.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.trustedlaunch.api.backup.BackupLocation;
import io.trustedlaunch.api.backup.BackupMode;
import io.trustedlaunch.api.backup.VMBackup;
import io.trustedlaunch.api.image.GuestImage;
import io.trustedlaunch.api.image.ImageCatalog;
import io.trustedlaunch.api.node.ClusterNode;
import io.trustedlaunch.api.node.FenceDevice;
import io.trustedlaunch.api.node.StorageLocation;
import io.trustedlaunch.api.vm.EvictionStrategy;
import io.trustedlaunch.api.vm.RunStrategy;
import io.trustedlaunch.api.vm.SecurityProfile;
import io.trustedlaunch.api.vm.TaintEffect;
import io.trustedlaunch.api.vm.Toleration;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.api.vm.TrustedLaunchVMSpec;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatusBuilder;
import io.trustedlaunch.testkit.BackupLocations;
import io.trustedlaunch.testkit.Call;
import io.trustedlaunch.testkit.Call.Response;
import io.trustedlaunch.testkit.Cluster;
import io.trustedlaunch.testkit.Manifest;
import java.util.List;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the API server refuses at apply, by schema and CEL alone, and that its message names the field. */
class SchemaIT {
    @RegisterExtension
    static final Cluster CLUSTER = new Cluster();

    private static final String API = "/apis/" + Api.GROUP + "/" + Api.VERSION;

    private static final Manifest VM = new Manifest("""
            apiVersion: trustedlaunch.io/v1alpha1
            kind: TrustedLaunchVM
            metadata: {name: payroll}
            spec:
              runStrategy: Halted
              imageRef: {name: ws2022}
              cores: 4
              memory: 8Gi
              osDisk: {size: 128Gi}
              dataDisks: [{name: data, size: 200Gi}]
              networkInterfaces: [{name: nic0, network: vlan-42}]
              guestConfig: {cloudInit: {secretRef: {name: payroll-init}}}
            """);

    private static final Manifest IMAGE = new Manifest("""
            apiVersion: trustedlaunch.io/v1alpha1
            kind: GuestImage
            metadata: {name: schema-it}
            spec:
              osType: Windows
              identifier: {publisher: p, offer: o, sku: s}
              version: 20348.2700.240905
              source: {file: {storageLocationRef: {name: csv-01}, path: images/ws2022.vhdx}}
              sha256: 9f2c0000000000000000000000000000000000000000000000000000000000aa
            """);

    private static final Manifest CATALOG = new Manifest("""
            apiVersion: trustedlaunch.io/v1alpha1
            kind: ImageCatalog
            metadata: {name: schema-it}
            spec:
              catalogName: example/images
              publicKeys: [one]
              source: {https: {url: "https://catalogs.example.org/a.json"}}
            """);

    private static final Manifest FENCE_DEVICE = new Manifest("""
            apiVersion: trustedlaunch.io/v1alpha1
            kind: FenceDevice
            metadata: {name: schema-it}
            spec:
              nodeName: host-a
              agent: fence_redfish
              address: bmc-a:8443
              systemsURI: /redfish/v1/Systems/1
              secretRef: {name: bmc-a}
            """);

    private static final Manifest LOCATION = new Manifest("""
            apiVersion: trustedlaunch.io/v1alpha1
            kind: StorageLocation
            metadata: {name: schema-it}
            spec: {path: /srv/schema-it}
            """);

    private static final Manifest QUOTA = new Manifest("""
            apiVersion: trustedlaunch.io/v1alpha1
            kind: VMQuota
            metadata: {name: schema-it}
            spec: {hard: {vms: 10, cores: 40, memory: 64Gi, storage: 2Ti, backups: 100, migrations: 2}}
            """);

    private static final Manifest POLICY = new Manifest("""
            apiVersion: trustedlaunch.io/v1alpha1
            kind: ImageEligibilityPolicy
            metadata: {name: schema-it}
            spec: {rules: [{name: none, publisher: nobody-at-all}]}
            """);

    private static final Manifest NODE = new Manifest("""
            apiVersion: trustedlaunch.io/v1alpha1
            kind: ClusterNode
            metadata: {name: schema-it}
            spec: {address: 192.0.2.7}
            """);

    private static final Manifest INCARNATION = new Manifest("""
            apiVersion: trustedlaunch.io/v1alpha1
            kind: VMIncarnation
            metadata: {name: 00000000-0000-0000-0000-000000000000-1}
            spec:
              vmRef: {namespace: finance, name: payroll, uid: 00000000-0000-0000-0000-000000000000}
              cluster: 00000000-0000-0000-0000-00000000000c
              epoch: 1
              nodeName: no-such-node
              desiredState: Stopped
              machine:
                osType: Linux
                location: {name: default, path: /srv}
                image: {name: ws2022}
                memory: 2Gi
                osDiskSize: 20Gi
              arrival: {epoch: 2, nodeName: elsewhere}
            """);

    private static final Manifest MIGRATION = new Manifest("""
            apiVersion: trustedlaunch.io/v1alpha1
            kind: VMMigration
            metadata: {name: schema-it}
            spec: {vmRef: {name: payroll}, targetNode: host-b}
            """);

    private static final Manifest BACKUP_LOCATION = new Manifest("""
            apiVersion: trustedlaunch.io/v1alpha1
            kind: BackupLocation
            metadata: {name: schema-it}
            spec: {folder: {path: /backups}}
            """);

    private static final Manifest BACKUP = new Manifest("""
            apiVersion: trustedlaunch.io/v1alpha1
            kind: VMBackup
            metadata: {name: schema-it}
            spec: {vmRef: {name: payroll}, locationRef: {name: nas}}
            """);

    private static final Manifest BACKUP_SCHEDULE = new Manifest("""
            apiVersion: trustedlaunch.io/v1alpha1
            kind: VMBackupSchedule
            metadata: {name: schema-it}
            spec: {vmSelector: {}, locationRef: {name: nas}, schedule: 0 2 * * *}
            """);

    private static final Manifest BACKUP_RUN = new Manifest("""
            apiVersion: trustedlaunch.io/v1alpha1
            kind: BackupRun
            metadata: {name: 00000000-0000-0000-0000-00000000000a}
            spec:
              nodeName: no-such-node
              vmRef: {namespace: finance, name: payroll, uid: 00000000-0000-0000-0000-000000000000}
              backupRef: {name: payroll-1, uid: 00000000-0000-0000-0000-00000000000a}
              epoch: 1
              location: {name: nas, id: 5b0c1d3e-7a42-4c8e-9f16-2d8a3b4c5d6e, folder: /backups}
              mode: Auto
            """);

    private static final Manifest STORED_BACKUP_RUN = new Manifest("""
            apiVersion: trustedlaunch.io/v1alpha1
            kind: StoredBackupRun
            metadata: {name: 00000000-0000-0000-0000-00000000000a-verify}
            spec:
              action: Verify
              nodeName: no-such-node
              vmRef: {namespace: finance, name: payroll, uid: 00000000-0000-0000-0000-000000000000}
              backupRef: {name: payroll-1, uid: 00000000-0000-0000-0000-00000000000a}
              backupUID: 00000000-0000-0000-0000-00000000000c
              location: {name: nas, id: 5b0c1d3e-7a42-4c8e-9f16-2d8a3b4c5d6e, folder: /backups}
              indexSHA256: "%s"
            """.formatted("0".repeat(64)));

    private static final Manifest RESTORE_RUN = new Manifest("""
            apiVersion: trustedlaunch.io/v1alpha1
            kind: RestoreRun
            metadata: {name: 00000000-0000-0000-0000-00000000000b}
            spec:
              nodeName: no-such-node
              vmRef: {namespace: finance, name: payroll, uid: 00000000-0000-0000-0000-000000000000}
              epoch: 1
              storageLocation: {name: default, path: /vms}
              backup: {name: payroll-1, uid: 00000000-0000-0000-0000-00000000000a, indexSHA256: "%s"}
              location: {name: nas, id: 5b0c1d3e-7a42-4c8e-9f16-2d8a3b4c5d6e, folder: /backups}
              guestState: {epoch: 1, generation: 1}
              envelope: c2VhbGVk
            """.formatted("0".repeat(64)));

    private static final Manifest DISK_FILL = new Manifest("""
            apiVersion: trustedlaunch.io/v1alpha1
            kind: DiskFill
            metadata: {name: 00000000-0000-0000-0000-00000000000c}
            spec:
              nodeName: no-such-node
              vmRef: {namespace: finance, name: payroll, uid: 00000000-0000-0000-0000-000000000000}
              storageLocation: {name: default, path: /vms}
              backup: {name: payroll-1, uid: 00000000-0000-0000-0000-00000000000a, indexSHA256: "%s"}
              backupOf: 00000000-0000-0000-0000-000000000000
              location: {name: nas, id: 5b0c1d3e-7a42-4c8e-9f16-2d8a3b4c5d6e, folder: /backups}
              envelope: c2VhbGVk
            """.formatted("0".repeat(64)));

    private static String namespace;
    private static String vms;

    @BeforeAll
    static void makeNamespace() {
        namespace = CLUSTER.namespace();
        vms = API + "/namespaces/" + namespace + "/trustedlaunchvms";
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            spec: {colour: red}                                              | unknown field "spec.colour"
            spec: {osDisk: {cache: none}}                                    | unknown field "spec.osDisk.cache"
            spec: {osDisk: {bus: IDE}}                                       | spec.osDisk.bus: Unsupported value
            spec: {osDisk: {source: Disc}}                                   | spec.osDisk.source: Unsupported value
            spec: {osDisk: {source: Empty, size: null}}                      | spec.osDisk.size: Required value
            spec: {diskBus: virtio}                                          | spec.diskBus: Unsupported value
            spec: {networkModel: rtl8139}                                    | spec.networkModel: Unsupported value
            spec: null                                                       | spec: Required value
            spec: {imageRef: null}                                           | spec.imageRef: Required value
            spec: {imageRef: {name: WS2022}}                                 | spec.imageRef.name
            spec: {imageRef: {name: ../ws2022}}                              | spec.imageRef.name
            spec: {storageLocationRef: {name: a/b}}                          | spec.storageLocationRef.name
            spec: {runStrategy: Sometimes}                                   | spec.runStrategy: Unsupported value
            spec: {cores: 0}                                                 | spec.cores
            spec: {cores: -4}                                                | spec.cores
            spec: {cores: 513}                                               | spec.cores
            spec: {cores: four}                                              | spec.cores
            spec: {memory: null}                                             | spec.memory: Required value
            spec: {memory: 0}                                                | memory must be between 64Mi and 64Ti
            spec: {memory: "0"}                                              | memory must be between 64Mi and 64Ti
            spec: {memory: -8589934592}                                      | memory must be between 64Mi and 64Ti
            spec: {memory: -8Gi}                                             | memory must be between 64Mi and 64Ti
            spec: {memory: 8GiB}                                             | memory must be between 64Mi and 64Ti
            spec: {memory: 8 Gi}                                             | memory must be between 64Mi and 64Ti
            spec: {memory: ""}                                               | memory must be between 64Mi and 64Ti
            spec: {memory: lots}                                             | memory must be between 64Mi and 64Ti
            spec: {memory: 1e30}                                             | spec.memory
            spec: {memory: "1e30"}                                           | memory must be between 64Mi and 64Ti
            spec: {memory: 8E}                                               | memory must be between 64Mi and 64Ti
            spec: {memory: 99999999999999999999999999Ti}                     | memory must be between 64Mi and 64Ti
            spec: {memory: 8000000000000m}                                   | memory must be between 64Mi and 64Ti
            spec: {memory: 65Ti}                                             | memory must be between 64Mi and 64Ti
            spec: {memory: 1Ki}                                              | memory must be between 64Mi and 64Ti
            spec: {memory: 000000000000000000000000000000000000001Gi}        | spec.memory
            spec: {osDisk: {size: null}}                                     | spec.osDisk.size: Required value
            spec: {osDisk: {size: 0}}                                        | osDisk.size must be between 1Mi and 64Ti
            spec: {osDisk: {size: -1Gi}}                                     | osDisk.size must be between 1Mi and 64Ti
            spec: {osDisk: {size: huge}}                                     | osDisk.size must be between 1Mi and 64Ti
            spec: {restoreFrom: {}}                                          | exactly one of: retainedVM, backup
            spec: {osDisk: {size: 1Pi}}                                      | osDisk.size must be between 1Mi and 64Ti
            spec: {dataDisks: [{name: a, size: 0}]}                          | spec.dataDisks[0].size
            spec: {dataDisks: [{name: a, size: 1Gi}, {name: b, size: -1Gi}]} | spec.dataDisks[1].size
            spec: {dataDisks: [{name: a, size: 1Gi}, {name: a, size: 2Gi}]}  | spec.dataDisks[1]: Duplicate value
            spec: {dataDisks: [{size: 1Gi}]}                                 | spec.dataDisks[0].name: Required value
            spec: {discs: [{name: a}, {name: a}]}                            | spec.discs[1]: Duplicate value
            spec: {discs: [{name: a}, {name: b}, {name: c}]}                 | spec.discs: Too many
            spec: {discs: [{imageRef: {name: tools}}]}                       | spec.discs[0].name: Required value
            spec: {discs: [{name: disc_a}]}                                  | spec.discs[0].name
            spec: {discs: [{name: a, imageRef: {name: A}}]}                  | spec.discs[0].imageRef.name
            spec: {dataDisks: [{name: ../a, size: 1Gi}]}                     | spec.dataDisks[0].name
            spec: {dataDisks: [{name: "<a>", size: 1Gi}]}                    | spec.dataDisks[0].name
            spec: {dataDisks: [{name: a23456789012345678901234567890123, size: 1Gi}]} | spec.dataDisks[0].name
            spec: {networkInterfaces: [{name: a, network: n}, {name: a, network: m}]} | spec.networkInterfaces[1]: Duplicate
            spec: {networkInterfaces: [{name: a, network: "n'/><x"}]}        | spec.networkInterfaces[0].network
            spec: {networkInterfaces: [{name: a, network: n, bridge: br0}]}  | unknown field "spec.networkInterfaces[0].bridge"
            spec: {networkInterfaces: [{name: a, network: n, macAddress: "01:00:5e:00:00:01"}]} | spec.networkInterfaces[0].mac
            spec: {networkInterfaces: [{name: a, network: n, macAddress: "52:54:00:12:34"}]}    | spec.networkInterfaces[0].mac
            spec: {networkInterfaces: [{name: a, network: n, linkState: down}]} | spec.networkInterfaces[0].linkState
            spec: {networkInterfaces: [{name: a, network: n, macAddress: "52:54:00:12:34:zz"}]} | spec.networkInterfaces[0].mac
            spec: {guestConfig: {sysprep: {secretRef: {name: s}}}}           | spec.guestConfig
            spec: {guestConfig: {cloudInit: null}}                           | spec.guestConfig
            spec: {guestConfig: {cloudInit: {secretRef: {name: S}}}}         | spec.guestConfig.cloudInit.secretRef.name
            spec: {securityProfile: {enableTPM: false}}                      | enableTPM must be true
            spec: {securityProfile: {uefiSettings: {secureBootEnabled: false}}} | secureBootEnabled must be true
            spec: {securityProfile: {securityType: Standard}}                | spec.securityProfile.securityType
            spec: {securityProfile: {virtualizationBasedSecurity: Enabled}}  | spec.securityProfile.virtualizationBasedSecurity
            spec: {terminationGracePeriodSeconds: 0}                            | spec.terminationGracePeriodSeconds
            spec: {terminationGracePeriodSeconds: 3601}                         | spec.terminationGracePeriodSeconds
            spec: {evictionStrategy: Never}                                  | spec.evictionStrategy
            spec: {affinity: {podAffinity: {}}}                              | unknown field "spec.affinity.podAffinity"
            spec: {tolerations: [{key: a, operator: Exists, tolerationSeconds: 5}]} | unknown field "spec.tolerations[0].tolerationSeconds"
            spec: {tolerations: [{value: b}]}                                | without a key, operator must be Exists
            spec: {tolerations: [{key: a, operator: Exists, value: b}]}      | operator Exists takes no value
            spec: {tolerations: [{key: a, operator: Like, value: b}]}        | spec.tolerations[0].operator: Unsupported value
            spec: {tolerations: [{key: a, effect: NoRun}]}                   | spec.tolerations[0].effect: Unsupported value
            spec: {tolerations: [{key: "a b"}]}                              | spec.tolerations[0].key
            spec: {tolerations: [{key: a, value: "b c"}]}                    | spec.tolerations[0].value
            """)
    void aVmIsRefused(String change, String expected) {
        assertRefused(Call.create(vms, VM.with(change).yaml()), expected);
    }

    @ParameterizedTest(name = "{0}: {1}")
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            nodeAffinity    | {}                                                  | nodeSelectorTerms: Required value
            nodeAffinity    | {nodeSelectorTerms: []}                             | nodeSelectorTerms
            nodeAffinity    | {nodeSelectorTerms: [{}]}                           | matchExpressions: Required value
            nodeAffinity    | {nodeSelectorTerms: [{matchExpressions: []}]}       | matchExpressions
            nodeAffinity    | {nodeSelectorTerms: [{matchFields: []}]}            | unknown field
            nodeAffinity    | {nodeSelectorTerms: [{matchExpressions: [{key: a, operator: Like}]}]} | operator: Unsupported value
            nodeAffinity    | {nodeSelectorTerms: [{matchExpressions: [{key: a, operator: In}]}]} | at least one value
            nodeAffinity    | {nodeSelectorTerms: [{matchExpressions: [{key: a, operator: Gt, values: [x]}]}]} | one integer
            nodeAffinity    | {nodeSelectorTerms: [{matchExpressions: [{key: a, operator: Lt, values: ["1", "2"]}]}]} | one integer
            nodeAffinity    | {nodeSelectorTerms: [{matchExpressions: [{key: a, operator: Exists, values: [b]}]}]} | none
            nodeAffinity    | {nodeSelectorTerms: [{matchExpressions: [{key: "a b", operator: Exists}]}]} | matchExpressions[0].key
            nodeAffinity    | {nodeSelectorTerms: [{matchExpressions: [{key: a, operator: In, values: ["b c"]}]}]} | values[0]
            vmAffinity      | [{labelSelector: {}}]                               | topologyKey: Required value
            vmAffinity      | [{topologyKey: zone}]                               | labelSelector: Required value
            vmAffinity      | [{labelSelector: {}, topologyKey: ""}]              | topologyKey
            vmAffinity      | [{labelSelector: {}, topologyKey: zone, namespaces: [a]}] | unknown field
            vmAffinity      | [{labelSelector: {matchExpressions: [{key: a, operator: Gt, values: ["1"]}]}, topologyKey: z}] | Unsupported value
            vmAntiAffinity  | [{labelSelector: {matchExpressions: [{key: a, operator: NotIn}]}, topologyKey: z}] | at least one value
            vmAntiAffinity  | [{labelSelector: {matchExpressions: [{key: a, operator: Exists, values: [b]}]}, topologyKey: z}] | none
            """)
    void anAffinityIsRefused(String kind, String required, String expected) {
        String change =
                "spec: {affinity: {" + kind + ": {requiredDuringSchedulingIgnoredDuringExecution: " + required + "}}}";
        assertRefused(Call.create(vms, VM.with(change).yaml()), expected);
    }

    @ParameterizedTest(name = "a weight of {0}")
    @ValueSource(ints = {0, 101})
    void aWeightIsBetweenOneAndAHundred(int weight) {
        String term = "{labelSelector: {}, topologyKey: zone}";
        assertRefused(
                Call.create(
                        vms,
                        VM.with(
                                        "spec: {affinity: {vmAffinity: {preferredDuringSchedulingIgnoredDuringExecution: [{weight: "
                                                + weight + ", vmAffinityTerm: " + term + "}]}}}")
                                .yaml()),
                "preferredDuringSchedulingIgnoredDuringExecution[0].weight");
    }

    @Test
    void whereAVmIsToBeIsSaidInKubernetesWordsAndMayChange() {
        Manifest vm = VM.with("""
                spec:
                  affinity:
                    nodeAffinity:
                      requiredDuringSchedulingIgnoredDuringExecution:
                        nodeSelectorTerms:
                        - matchExpressions:
                          - {key: topology.kubernetes.io/zone, operator: In, values: [a, b]}
                          - {key: generation, operator: Gt, values: ["7"]}
                          - {key: retired, operator: DoesNotExist}
                      preferredDuringSchedulingIgnoredDuringExecution:
                      - {weight: 5, preference: {matchExpressions: [{key: disk, operator: NotIn, values: [hdd, ""]}]}}
                    vmAffinity:
                      preferredDuringSchedulingIgnoredDuringExecution:
                      - weight: 100
                        vmAffinityTerm:
                          labelSelector: {matchExpressions: [{key: app, operator: In, values: [web]}]}
                          topologyKey: topology.kubernetes.io/zone
                    vmAntiAffinity:
                      requiredDuringSchedulingIgnoredDuringExecution:
                      - labelSelector: {matchLabels: {app: db}}
                        topologyKey: kubernetes.io/hostname
                  tolerations:
                  - {key: dedicated, value: db, effect: NoSchedule}
                  - {key: example.com/gpu, operator: Exists}
                  - {operator: Exists, effect: PreferNoSchedule}
                """);
        String name = create(vm);
        TrustedLaunchVMSpec spec = CLUSTER.admin()
                .resources(TrustedLaunchVM.class)
                .inNamespace(namespace)
                .withName(name)
                .get()
                .getSpec();
        assertThat(spec.affinity().vmAntiAffinity().required().getFirst().topologyKey())
                .isEqualTo("kubernetes.io/hostname");
        assertThat(spec.tolerations().getFirst())
                .isEqualTo(new Toleration("dedicated", Toleration.Operator.Equal, "db", TaintEffect.NoSchedule));
        assertAccepted(Call.merge(vms + "/" + name, "{\"spec\": {\"affinity\": null, \"tolerations\": null}}"));
    }

    @Test
    void aMessageIsShownOnce() {
        Response response =
                Call.create(vms, VM.with("spec: {memory: -1Gi}").yaml()).by(CLUSTER.admin());
        assertThat(response.message()).containsOnlyOnce("memory must be between");
    }

    @Test
    void twoCardsWithOneAddressAreRefusedHoweverItIsWritten() {
        Manifest vm = VM.with("""
                spec:
                  networkInterfaces:
                  - {name: a, network: n, macAddress: "52:54:00:12:34:5a"}
                  - {name: b, network: n}
                  - {name: c, network: n, macAddress: "52:54:00:12:34:5A"}
                """);
        assertRefused(Call.create(vms, vm.yaml()), "two networkInterfaces have the same macAddress");
    }

    @Test
    void moreDisksOrCardsThanAMachineTakesAreRefused() {
        String disks = "a b c d e f g h i j k l m n o p q".replaceAll("(\\w) ?", "{name: $1, size: 1Gi},");
        assertRefused(
                Call.create(vms, VM.with("spec: {dataDisks: [" + disks + "]}").yaml()), "spec.dataDisks");
        String cards = "a b c d e f g h i".replaceAll("(\\w) ?", "{name: $1, network: n},");
        assertRefused(
                Call.create(
                        vms,
                        VM.with("spec: {networkInterfaces: [" + cards + "]}").yaml()),
                "spec.networkInterfaces");
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            spec: {memory: 64Mi}
            spec: {memory: 8589934592}
            spec: {memory: 1.5Gi}
            spec: {memory: 8G}
            spec: {osDisk: {size: 64Ti}}
            spec: {osDisk: {source: Image}}
            spec: {osDisk: {source: Empty}, discs: [{name: install, imageRef: {name: ws2022}}]}
            spec: {dataDisks: null}
            spec: {networkInterfaces: null, guestConfig: null}
            spec: {guestConfig: {cloudInit: null, sysprep: {secretRef: {name: s}}}}
            spec: {securityProfile: {securityType: TrustedLaunch, enableTPM: true, uefiSettings: {secureBootEnabled: true}}}
            spec: {securityProfile: {}}
            spec: {securityProfile: {virtualizationBasedSecurity: Required}}
            spec: {evictionStrategy: LiveMigrate}
            spec: {evictionStrategy: None}
            """)
    void aVmIsAccepted(String change) {
        assertAccepted(Call.create(vms, VM.with(change).yaml()));
    }

    @ParameterizedTest(name = "a name of {0} characters")
    @ValueSource(ints = {51, 63, 64, 253})
    void longNamesAreAccepted(int length) {
        assertAccepted(Call.create(vms, named("a".repeat(length))));
    }

    @Test
    void aNameThatKubernetesDoesNotTakeIsRefused() {
        assertRefused(Call.create(vms, named("a".repeat(254))), "metadata.name");
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            spec: {imageRef: {name: other}}                                  | spec.imageRef: Invalid value
            spec: {imageRef: {name: other}}                                  | imageRef cannot change any more
            spec: {storageLocationRef: {name: other}}                        | storageLocationRef cannot change any more
            spec: {storageLocationRef: null}                                 | storageLocationRef cannot change any more
            spec: {osDisk: {source: Empty}}                                  | osDisk.source cannot change any more
            spec: {osDisk: {size: 127Gi}}                                    | osDisk.size only grows
            spec: {osDisk: {size: 100G}}                                     | osDisk.size only grows
            spec: {dataDisks: [{name: data, size: 199Gi}]}                   | the size of a data disk only grows
            spec: {dataDisks: [{name: data, size: 200G}]}                    | the size of a data disk only grows
            spec: {networkInterfaces: [{name: nic0, network: vlan-42, macAddress: "52:54:00:12:34:5a"}]} | macAddress of a
            spec: {networkInterfaces: [{name: nic0, network: vlan-43, macAddress: "52:54:00:12:34:5a"}]} | networkInterfaces
            """)
    void whatIsMadeWithTheTpmIsFixedOnceTheStatusShowsIt(String change, String expected) {
        String vm = vms + "/" + create(VM.with("spec: {storageLocationRef: {name: csv-01}}"));
        assertAccepted(Call.merge(vm, Manifest.json(change)));
        assertThat(Call.merge(vm + "/status", Manifest.json("status: {epoch: 1, nodeName: host-a}"))
                        .by(CLUSTER.admin())
                        .message())
                .isEmpty();
        assertAccepted(Call.merge(vm, Manifest.json(change)));

        recordTpm(vm);
        assertRefused(Call.merge(vm, Manifest.json(change)), expected);
    }

    @Test
    void disksAndCardsAreAddedAndRemovedOnceTheVmHasATpm() {
        String vm = vms + "/" + create(VM.with("spec: {dataDisks: null, networkInterfaces: null}"));
        recordTpm(vm);

        for (String change : List.of(
                "spec: {dataDisks: [{name: a, size: 1Gi}]}",
                "spec: {dataDisks: null}",
                "spec: {networkInterfaces: [{name: a, network: n}]}",
                "spec: {networkInterfaces: [{name: b, network: n, macAddress: \"52:54:00:12:34:5a\"}, {name: a, network: n}]}",
                "spec: {networkInterfaces: null}")) {
            change(vm, change);
        }
    }

    /** An address that is omitted is another one than any that is set. */
    @Test
    void aCardKeepsItsMacAddressOnceTheVmHasATpm() {
        String vm = vms + "/"
                + create(VM.with(
                        "spec: {networkInterfaces: [{name: a, network: n, macAddress: \"52:54:00:12:34:5a\"}]}"));
        recordTpm(vm);

        change(
                vm,
                "spec: {networkInterfaces: [{name: a, network: m, macAddress: \"52:54:00:12:34:5A\", linkState: Down}]}");
        for (String other : List.of("macAddress: \"52:54:00:12:34:5b\"", "linkState: Down")) {
            assertRefused(
                    Call.merge(vm, Manifest.json("spec: {networkInterfaces: [{name: a, network: m, " + other + "}]}")),
                    "macAddress of a network card cannot change");
        }
        change(vm, "spec: {networkInterfaces: [{name: b, network: m, macAddress: \"52:54:00:12:34:5b\"}]}");
    }

    private static void change(String vm, String change) {
        assertThat(Call.merge(vm, Manifest.json(change)).by(CLUSTER.admin()).message())
                .as(change)
                .isEmpty();
    }

    /** Two appliers that own a disk each list them in any order. */
    @Test
    void theDisksOfAVmThatHasATpmGrowOneByOneAndDoNotShrink() {
        String vm = vms + "/" + create(VM.with("spec: {dataDisks: [{name: a, size: 1Gi}, {name: b, size: 2Gi}]}"));
        recordTpm(vm);

        assertAccepted(
                Call.merge(vm, Manifest.json("spec: {dataDisks: [{name: b, size: 3Gi}, {name: a, size: 1024Mi}]}")));
        assertRefused(
                Call.merge(vm, Manifest.json("spec: {dataDisks: [{name: b, size: 1Gi}, {name: a, size: 9Gi}]}")),
                "the size of a data disk only grows");
        assertAccepted(Call.merge(vm, Manifest.json("spec: {osDisk: {size: 129Gi}}")));
    }

    @Test
    void anImageThatIsNotTheRecordedOneCanBeSetBack() {
        String vm = vms + "/" + create(VM);
        assertThat(Call.merge(vm + "/status", Manifest.json("status: {image: {name: first}}"))
                        .by(CLUSTER.admin())
                        .message())
                .isEmpty();
        recordTpm(vm);
        assertRefused(Call.merge(vm, Manifest.json("spec: {imageRef: {name: other}}")), "imageRef cannot change");
        assertAccepted(Call.merge(vm, Manifest.json("spec: {imageRef: {name: first}}")));
    }

    @Test
    void anOsDiskThatWasEmptyIsCalledNoCopyOfAnImageOnceTheVmHasATpm() {
        String vm = vms + "/" + create(VM.with("spec: {osDisk: {source: Empty}}"));
        recordTpm(vm);
        assertAccepted(Call.merge(vm, Manifest.json("spec: {osDisk: {size: 129Gi}}")));
        for (String other : List.of("Image", "null")) {
            assertRefused(
                    Call.merge(vm, Manifest.json("spec: {osDisk: {source: " + other + "}}")),
                    "osDisk.source cannot change any more");
        }
    }

    private static void recordTpm(String vm) {
        assertThat(Call.merge(vm + "/status", Manifest.json("status: {vTPM: {ekDigest: abab}}"))
                        .by(CLUSTER.admin())
                        .message())
                .isEmpty();
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            spec: {securityProfile: {virtualizationBasedSecurity: Offered}}  | securityProfile is immutable
            spec: {securityProfile: {securityType: Standard}}                | spec.securityProfile.securityType
            spec: {securityProfile: {enableTPM: false}}                      | enableTPM must be true
            spec: {securityProfile: {uefiSettings: {secureBootEnabled: false}}} | secureBootEnabled must be true
            spec: {restoreFrom: {retainedVM: {uid: 00000000-0000-0000-0000-000000000000}}} | restoreFrom is immutable
            spec: {restoreFrom: {backup: {name: monday}}}                    | restoreFrom is immutable
            spec: {osDisk: {size: huge}}                                     | osDisk.size must be between
            spec: {dataDisks: [{name: data, size: 200Gi, from: {removedDisk: other.3}}]} | a removed disk keeps its name
            spec: {dataDisks: [{name: data, size: 200Gi, from: {removedDisk: data.0}}]} | from.removedDisk
            spec: {dataDisks: [{name: os, size: 200Gi}]}                     | os is the name of the OS disk
            spec: {deletedDisks: [data.3, data.3]}                           | deletedDisks names a disk twice
            spec: {deletedDisks: [../data]}                                  | deletedDisks[0]
            """)
    void aChangeIsRefused(String change, String expected) {
        assertRefused(Call.merge(vms + "/" + existingVm(), Manifest.json(change)), expected);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            spec: {osDisk: {size: 129Gi}}
            spec: {osDisk: {size: 137438953473}}
            spec: {cores: 8, memory: 16Gi}
            spec: {runStrategy: Always}
            spec: {nodeSelector: {disk: ssd}}
            spec: {guestConfig: null}
            spec: {securityProfile: null, storageLocationRef: null}
            """)
    void aChangeIsAcceptedAlsoOnceTheVmHasATpm(String change) {
        String vm = vms + "/" + create(VM);
        assertAccepted(Call.merge(vm, Manifest.json(change)));
        recordTpm(vm);
        assertAccepted(Call.merge(vm, Manifest.json(change)));
    }

    @Test
    void whatAVmLeavesOutIsAsDocumented() {
        Manifest least = new Manifest("""
                apiVersion: trustedlaunch.io/v1alpha1
                kind: TrustedLaunchVM
                metadata: {name: least}
                spec: {imageRef: {name: ws2022}, cores: 1, memory: 1Gi, osDisk: {size: 32Gi}}
                """);
        String name = create(least);
        TrustedLaunchVMSpec spec = CLUSTER.admin()
                .resources(TrustedLaunchVM.class)
                .inNamespace(namespace)
                .withName(name)
                .get()
                .getSpec();
        assertThat(spec.runStrategy()).isEqualTo(RunStrategy.Always);
        assertThat(spec.storageLocationRef()).isEqualTo(new ObjectRef("default"));
        assertThat(spec.securityProfile())
                .isEqualTo(new SecurityProfile(
                        SecurityProfile.SecurityType.TrustedLaunch,
                        true,
                        new SecurityProfile.UefiSettings(true),
                        null));
        assertThat(spec.terminationGracePeriodSeconds()).isEqualTo(120);
        assertThat(spec.evictionStrategy()).isEqualTo(EvictionStrategy.LiveMigrate);
        assertThat(spec.dataDisks()).isEmpty();
        assertThat(spec.guestConfig()).isNull();
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            spec: {path: srv/vms}          | path is absolute
            spec: {path: /srv/../etc}      | path is absolute
            spec: {path: /srv/./vms}       | path is absolute
            spec: {path: /srv//vms}        | path is absolute
            spec: {path: /srv/vms/}        | path is absolute
            spec: {path: /..}              | path is absolute
            spec: {path: /}                | spec.path
            spec: {path: ""}               | spec.path
            spec: {path: "/srv/a\\nb"}     | spec.path
            spec: {path: null}             | spec.path: Required value
            spec: {allowedNamespaces: []}  | spec.allowedNamespaces
            spec: {allowedNamespaces: ["*"]} | spec.allowedNamespaces
            spec: {size: 1Gi}              | unknown field "spec.size"
            spec: null                     | spec: Required value
            """)
    void aStorageLocationIsRefused(String change, String expected) {
        assertRefused(
                Call.create(API + "/storagelocations", LOCATION.with(change).yaml()), expected);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            spec: {hard: {vms: -1}}              | spec.hard.vms
            spec: {hard: {cores: "4"}}           | spec.hard.cores
            spec: {hard: {migrations: 2000000000}} | spec.hard.migrations
            spec: {hard: {memory: 64GB}}         | memory must be at most
            spec: {hard: {memory: "-1"}}         | memory must be at most
            spec: {hard: {storage: "1e3"}}       | storage must be at most
            spec: {hard: {storage: 1000001Ti}}   | storage must be at most
            spec: {hard: {pods: 1}}              | unknown field "spec.hard.pods"
            spec: {hard: null}                   | spec.hard: Required value
            spec: null                           | spec: Required value
            """)
    void aQuotaIsRefused(String change, String expected) {
        assertRefused(
                Call.create(
                        API + "/namespaces/default/vmquotas", QUOTA.with(change).yaml()),
                expected);
    }

    @ParameterizedTest(name = "{0}")
    @ValueSource(strings = {"spec: {hard: {vms: 0}}", "spec: {hard: {memory: 0, storage: \"1.5Ti\"}}", "{}"})
    void aQuotaMayLimitAny(String change) {
        assertAccepted(Call.create(
                API + "/namespaces/default/vmquotas", QUOTA.with(change).yaml()));
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            spec: {source: {file: {path: /etc/shadow}}}          | path is relative to the storage location
            spec: {source: {file: {path: ../ws2022.vhdx}}}       | path is relative to the storage location
            spec: {source: {file: {path: a/../../ws2022.vhdx}}}  | path is relative to the storage location
            spec: {source: {file: {path: a//b}}}                 | path is relative to the storage location
            spec: {source: {file: {path: ./b}}}                  | path is relative to the storage location
            spec: {source: {file: {path: b/}}}                   | path is relative to the storage location
            spec: {source: {file: {path: ""}}}                   | spec.source.file.path
            spec: {source: {file: {path: "a\\tb"}}}              | spec.source.file.path
            spec: {source: {file: null}}                         | source needs exactly one of
            spec: {source: {https: {url: "https://a.example/b"}}} | source needs exactly one of
            spec: {source: {file: null, https: {url: "http://a.example/b"}}}          | must be an https URL
            spec: {source: {file: null, https: {url: "file:///etc/passwd"}}}          | must be an https URL
            spec: {source: {file: null, https: {url: "https://ada:p@a.example/b"}}}   | must be an https URL
            spec: {source: {file: null, https: {}}}                                   | spec.source.https.url: Required value
            spec: {source: {file: null, https: {url: "https://a.example/b", credentialsRef: {name: A}}}} | credentialsRef.name
            spec: {source: {file: null, oci: {}}}                                     | spec.source.oci.reference: Required value
            spec: {source: {file: null, oci: {reference: "ws2022:1"}}}                | spec.source.oci.reference
            spec: {source: {file: null, oci: {reference: "images/ws2022:1"}}}         | spec.source.oci.reference
            spec: {source: {file: null, oci: {reference: "r.example/ws2022"}}}        | spec.source.oci.reference
            spec: {source: {file: null, oci: {reference: "r.example/WS2022:1"}}}      | spec.source.oci.reference
            spec: {source: {file: null, oci: {reference: "https://r.example/a:1"}}}   | spec.source.oci.reference
            spec: {source: {file: null, oci: {reference: "u@r.example/a:1"}}}         | spec.source.oci.reference
            spec: {source: {file: null, oci: {reference: "r.example/../a:1"}}}        | spec.source.oci.reference
            spec: {source: {file: null, oci: {reference: "r.example/a@sha256:9f"}}}   | spec.source.oci.reference
            spec: {source: {file: null, oci: {reference: "r.example/a?b:1"}}}         | spec.source.oci.reference
            spec: {source: {http: {url: x}}}                     | unknown field "spec.source.http"
            spec: {form: CD}                                     | spec.form
            spec: {sha256: 9F2C}                                 | spec.sha256
            spec: {sha256: ""}                                   | spec.sha256
            spec: {identifier: {sku: "2022*"}}                   | spec.identifier.sku
            spec: {identifier: {publisher: " p"}}                | spec.identifier.publisher
            spec: {identifier: {publisher: "microsoftwindowsdes\u212Atop"}} | spec.identifier.publisher
            spec: {version: "1 0"}                               | spec.version
            spec: {osType: BeOS}                                 | spec.osType
            spec: {identifier: {sku: null}}                      | spec.identifier.sku: Required value
            spec: {version: ""}                                  | spec.version
            """)
    void aGuestImageIsRefused(String change, String expected) {
        assertRefused(Call.create(API + "/guestimages", IMAGE.with(change).yaml()), expected);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            spec: {source: {file: null, https: {url: "https://a.example/b?sig=1"}}}
            spec: {source: {file: null, https: {url: "https://a.example/b", caBundle: c, credentialsRef: {name: a}}}}
            spec: {source: {file: null, oci: {reference: "r.example/images/ws2022:20348.2700"}}}
            spec: {source: {file: null, oci: {reference: "r.example:5000/a@sha256:DIGEST", caBundle: c, pullSecretRef: {name: a}}}}
            spec: {source: {file: null, oci: {reference: "localhost:5000/a:1@sha256:DIGEST"}}}
            spec: {source: {file: null, oci: {reference: "192.0.2.7:5000/a/b__c.d:1"}}}
            """)
    void anImageMayComeFromAServerOrARegistry(String change) {
        assertAccepted(Call.create(
                API + "/guestimages",
                IMAGE.with(change.replace("DIGEST", "9f".repeat(32))).yaml()));
    }

    /** An image that was a disk yesterday is no disc today. */
    @Test
    void theFormOfAnImageStays() {
        String images = API + "/guestimages";
        Manifest disk = IMAGE.with("metadata: {name: form-of-" + namespace + "}");
        CLUSTER.create(CLUSTER.admin().getKubernetesSerialization().unmarshal(disk.yaml(), GuestImage.class));
        String image = images + "/form-of-" + namespace;

        assertThat(Call.merge(image, Manifest.json("spec: {form: Disc}"))
                        .by(CLUSTER.admin())
                        .message())
                .contains("the spec of a GuestImage is immutable");
        assertThat(Call.merge(image, Manifest.json("spec: {form: Disk, allowedNamespaces: [finance]}"))
                        .by(CLUSTER.admin())
                        .code())
                .isEqualTo(200);
        assertAccepted(Call.create(images, IMAGE.with("spec: {form: Disc}").yaml()));
    }

    @Test
    void anImageMayLeaveItsDigestToACatalog() {
        assertAccepted(Call.create(
                API + "/guestimages", IMAGE.with("spec: {sha256: null}").yaml()));
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            spec: {catalogName: null}                                       | spec.catalogName: Required value
            spec: {catalogName: ""}                                         | spec.catalogName
            spec: {catalogName: "Contoso images"}                           | spec.catalogName
            spec: {publicKeys: null}                                        | spec.publicKeys: Required value
            spec: {publicKeys: []}                                          | spec.publicKeys
            spec: {publicKeys: [""]}                                        | spec.publicKeys[0]
            spec: {source: null}                                            | spec.source: Required value
            spec: {source: {https: null}}                                   | source needs exactly one of
            spec: {source: {configMap: {name: a}}}                          | source needs exactly one of
            spec: {source: {https: {url: "http://example.org/a"}}}          | must be an https URL
            spec: {source: {https: {url: "HTTP://example.org/a"}}}          | must be an https URL
            spec: {source: {https: {url: "file:///etc/passwd"}}}            | must be an https URL
            spec: {source: {https: {url: "https:///a"}}}                    | must be an https URL
            spec: {source: {https: {url: "https://user:secret@example.org/a"}}} | must be an https URL
            spec: {source: {https: {url: "https://example.org/a#b"}}}       | must be an https URL
            spec: {source: {https: {url: "example.org"}}}                   | must be an https URL
            spec: {source: {https: {signatureURL: "http://example.org/a"}}} | must be an https URL
            spec: {source: {https: {refreshMinutes: 0}}}                    | spec.source.https.refreshMinutes
            spec: {source: {https: {refreshMinutes: 9000}}}                 | spec.source.https.refreshMinutes
            spec: {source: {https: {credentialsRef: {name: A}}}}            | spec.source.https.credentialsRef.name
            """)
    void aCatalogIsRefused(String change, String expected) {
        assertRefused(Call.create(API + "/imagecatalogs", CATALOG.with(change).yaml()), expected);
    }

    @Test
    void aCatalogIsAccepted() {
        assertAccepted(Call.create(API + "/imagecatalogs", CATALOG.yaml()));
        assertAccepted(Call.create(
                API + "/imagecatalogs",
                CATALOG.with("spec: {source: {https: null, configMap: {name: contoso-images}}}")
                        .yaml()));
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            spec: {rules: null}                                             | spec.rules: Required value
            spec: {rules: [{name: a, publisher: p}, {name: a, publisher: q}]} | spec.rules[1]: Duplicate value
            spec: {rules: [{name: a}]}                                      | spec.rules[0].publisher: Required value
            spec: {rules: [{name: a, publisher: p, skus: [""]}]}            | spec.rules[0].skus[0]
            spec: {rules: [{name: a, publisher: p, exceptSkus: [x]}]}       | unknown field "spec.rules[0].exceptSkus"
            spec: {provenance: Hoped}                                       | spec.provenance
            spec: {enforcement: Never}                                      | spec.enforcement
            """)
    void aPolicyIsRefused(String change, String expected) {
        assertRefused(
                Call.create(
                        API + "/imageeligibilitypolicies", POLICY.with(change).yaml()),
                expected);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            spec: {address: host a}         | address must be an IP address or a DNS name
            spec: {address: "10.0.0.1:22"}  | address must be an IP address or a DNS name
            spec: {address: "a,DNS:b"}      | address must be an IP address or a DNS name
            spec: {maintenance: Reboot}     | spec.maintenance
            spec: {memoryForVMs: -1Gi}      | memoryForVMs must be between
            """)
    void aClusterNodeIsRefused(String change, String expected) {
        assertRefused(Call.create(API + "/clusternodes", NODE.with(change).yaml()), expected);
    }

    @ParameterizedTest(name = "{0}")
    @ValueSource(strings = {"192.0.2.7", "2001:db8::7", "host-a", "host-a.example.org"})
    void anAddressIsAccepted(String address) {
        assertAccepted(Call.create(
                API + "/clusternodes",
                NODE.with("spec: {address: \"" + address + "\", memoryForVMs: 96Gi}")
                        .yaml()));
    }

    @Test
    void theAddressInUseIsFoundOnceAndThenChangesOnlyToTheAdministrators() {
        String path = API + "/clusternodes/" + namespace;
        CLUSTER.create(CLUSTER.admin()
                .getKubernetesSerialization()
                .unmarshal(
                        NODE.with("metadata: {name: " + namespace + "}")
                                .with("spec: {address: null}")
                                .yaml(),
                        ClusterNode.class));
        String refused = "status.address changes only to spec.address";

        assertThat(reportAddress("192.0.2.8").code()).isEqualTo(200);
        assertThat(reportAddress("192.0.2.9").message()).contains(refused);
        assertThat(reportAddress(null).message()).contains(refused);
        assertThat(Call.merge(path, Manifest.json("spec: {address: host-a}"))
                        .by(CLUSTER.admin())
                        .code())
                .isEqualTo(200);
        assertThat(reportAddress("192.0.2.9").message()).contains(refused);
        assertThat(reportAddress("host-a").code()).isEqualTo(200);
        assertThat(reportAddress("192.0.2.8").message()).contains(refused);
    }

    private static Response reportAddress(String address) {
        return Call.merge(
                        API + "/clusternodes/" + namespace + "/status",
                        Manifest.json("status: {address: " + address + "}"))
                .by(CLUSTER.admin());
    }

    @Test
    void theFirstAddressInUseIsTheAdministratorsIfThereIsOne() {
        CLUSTER.create(CLUSTER.admin()
                .getKubernetesSerialization()
                .unmarshal(NODE.with("metadata: {name: " + namespace + "-2}").yaml(), ClusterNode.class));
        String status = API + "/clusternodes/" + namespace + "-2/status";
        assertRefused(
                Call.merge(status, Manifest.json("status: {address: 192.0.2.8}")),
                "status.address changes only to spec.address");
        assertAccepted(Call.merge(status, Manifest.json("status: {address: 192.0.2.7}")));
    }

    @Test
    void anObjectThatNobodyHasSeenIsNotCurrent() {
        TrustedLaunchVM vm = CLUSTER.admin()
                .resources(TrustedLaunchVM.class)
                .inNamespace(namespace)
                .withName(create(VM))
                .get();
        assertThat(vm.getStatus())
                .isEqualTo(TrustedLaunchVMStatusBuilder.builder()
                        .observedGeneration(-1L)
                        .build());
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            {type: Ready}                                                    | status.conditions[0].reason: Required value
            {type: Ready, status: Maybe, reason: R, message: m}              | status.conditions[0].status: Unsupported value
            {type: Ready, status: "True", reason: "no word", message: m}     | status.conditions[0].reason
            {type: Ready, status: "True", reason: "", message: m}            | status.conditions[0].reason
            {type: Ready, status: "True", reason: R, message: m, lastTransitionTime: now} | lastTransitionTime
            """)
    void aConditionIsRefused(String condition, String expected) {
        String vm = vms + "/" + existingVm() + "/status";
        assertRefused(Call.merge(vm, Manifest.json("status: {conditions: [" + condition + "]}")), expected);
    }

    @Test
    void vmsAreSelectedByNodeAndImage() {
        create(VM);
        assertThat(selected("spec.imageRef.name", "ws2022")).isNotEmpty();
        assertThat(selected("spec.imageRef.name", "other")).isEmpty();
        assertThat(selected("status.nodeName", "host-a")).isEmpty();
    }

    private static List<TrustedLaunchVM> selected(String field, String value) {
        return CLUSTER.admin()
                .resources(TrustedLaunchVM.class)
                .inNamespace(namespace)
                .withField(field, value)
                .list()
                .getItems();
    }

    @Test
    void theSpecOfAnImageTheNameOfACatalogAndThePathOfALocationAreImmutable() {
        CLUSTER.create(CLUSTER.admin()
                .getKubernetesSerialization()
                .unmarshal(IMAGE.with("metadata: {name: " + namespace + "}").yaml(), GuestImage.class));
        assertRefused(
                Call.merge(API + "/guestimages/" + namespace, Manifest.json("spec: {version: v2}")),
                "the spec of a GuestImage is immutable");
        assertThat(Call.merge(
                                API + "/guestimages/" + namespace,
                                Manifest.json("spec: {allowedNamespaces: [" + namespace + "]}"))
                        .by(CLUSTER.admin())
                        .code())
                .isEqualTo(200);
        CLUSTER.create(CLUSTER.admin()
                .getKubernetesSerialization()
                .unmarshal(LOCATION.with("metadata: {name: " + namespace + "}").yaml(), StorageLocation.class));
        assertRefused(
                Call.merge(API + "/storagelocations/" + namespace, Manifest.json("spec: {path: /srv/other}")),
                "path is immutable");
        CLUSTER.create(CLUSTER.admin()
                .getKubernetesSerialization()
                .unmarshal(CATALOG.with("metadata: {name: " + namespace + "}").yaml(), ImageCatalog.class));
        assertRefused(
                Call.merge(API + "/imagecatalogs/" + namespace, Manifest.json("spec: {catalogName: another}")),
                "catalogName is immutable");
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            spec: {nodeName: other}                 | nodeName is immutable
            spec: {epoch: 2}                        | epoch is immutable
            spec: {vmRef: {uid: other}}             | vmRef is immutable
            spec: {machine: {memory: 1Gi}}          | machine is immutable
            spec: {arrival: {epoch: 9}}             | whose guest arrives is immutable
            spec: {arrival: {nodeName: other}}      | whose guest arrives is immutable
            """)
    void anIncarnationKeepsWhatItWasMadeFor(String change, String expected) {
        String path = API + "/namespaces/" + namespace + "/vmincarnations";
        Call.create(path, INCARNATION.yaml()).by(CLUSTER.admin());
        assertRefused(Call.merge(path + "/00000000-0000-0000-0000-000000000000-1", Manifest.json(change)), expected);
        assertAccepted(Call.merge(
                path + "/00000000-0000-0000-0000-000000000000-1",
                Manifest.json("spec: {desiredState: Erased, arrival: {left: true}}")));
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            spec: {vmRef: null}         | spec.vmRef: Required value
            spec: {vmRef: {name: null}} | spec.vmRef.name
            spec: {targetNode: ""}      | spec.targetNode
            spec: {node: host-b}        | unknown field "spec.node"
            """)
    void aMigrationIsRefused(String change, String expected) {
        assertRefused(
                Call.create(
                        API + "/namespaces/" + namespace + "/vmmigrations",
                        MIGRATION.with(change).yaml()),
                expected);
    }

    @Test
    void aMigrationIsImmutable() {
        String path = API + "/namespaces/" + namespace + "/vmmigrations";
        Call.create(path, MIGRATION.yaml()).by(CLUSTER.admin());
        for (String change :
                List.of("spec: {targetNode: host-c}", "spec: {targetNode: null}", "spec: {vmRef: {name: x}}")) {
            assertRefused(
                    Call.merge(path + "/schema-it", Manifest.json(change)), "a VMMigration is immutable: delete it");
        }
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            spec: {folder: {path: null}}            | spec.folder.path: Required value
            spec: {folder: null}                    | spec needs exactly one of: folder, s3
            spec: {s3: {endpoint: "https://s3.example", bucket: vms, secretRef: {name: s3}}} | spec needs exactly one of
            spec: {folder: null, s3: {bucket: vms, secretRef: {name: s3}}} | spec.s3.endpoint: Required value
            spec: {folder: null, s3: {endpoint: "http://s3.example", bucket: vms, secretRef: {name: s3}}} | must be the https URL
            spec: {folder: null, s3: {endpoint: "https://a@s3.example", bucket: vms, secretRef: {name: s3}}} | must be the https URL
            spec: {folder: null, s3: {endpoint: "https://s3.example/x", bucket: vms, secretRef: {name: s3}}} | must be the https URL
            spec: {folder: null, s3: {endpoint: "https://s3.example", bucket: "a/b", secretRef: {name: s3}}} | spec.s3.bucket
            spec: {folder: null, s3: {endpoint: "https://s3.example", bucket: vms, prefix: ../x, secretRef: {name: s3}}} | spec.s3.prefix
            spec: {folder: null, s3: {endpoint: "https://s3.example", bucket: vms, prefix: x/, secretRef: {name: s3}}} | spec.s3.prefix
            spec: {folder: null, s3: {endpoint: "https://s3.example", bucket: vms}} | spec.s3.secretRef: Required value
            spec: {id: nas}                         | spec.id
            spec: {limits: {bandwidth: 100Ki}}      | bandwidth is at least 1Mi
            spec: {limits: {bandwidth: fast}}       | bandwidth is at least 1Mi
            spec: {limits: {parallelRuns: 0}}       | spec.limits.parallelRuns
            spec: {minimumRetention: 30d}           | spec.minimumRetention
            spec: {minimumRetention: ""}            | spec.minimumRetention
            spec: {folder: {path: backups}}         | path is absolute
            spec: {folder: {path: /srv/../etc}}     | path is absolute
            spec: {folder: {path: /srv/./backups}}  | path is absolute
            spec: {folder: {path: /srv//backups}}   | path is absolute
            spec: {folder: {path: /backups/}}       | path is absolute
            spec: {folder: {path: /}}               | spec.folder.path
            spec: {folder: {path: "/srv/a\\nb"}}    | spec.folder.path
            spec: {allowedNamespaces: []}           | spec.allowedNamespaces
            spec: {allowedNamespaces: ["*"]}        | spec.allowedNamespaces
            spec: null                              | spec: Required value
            """)
    void aBackupLocationIsRefused(String change, String expected) {
        assertRefused(
                Call.create(
                        API + "/backuplocations", BACKUP_LOCATION.with(change).yaml()),
                expected);
    }

    @Test
    void aBackupLocationKeepsItsBucketAndMayGetAnotherAccount() {
        String name = namespace + "-s3";
        CLUSTER.create(CLUSTER.admin()
                .getKubernetesSerialization()
                .unmarshal(
                        BACKUP_LOCATION
                                .with("metadata: {name: " + name + "}")
                                .with("spec: {folder: null, s3: {endpoint: \"https://[fd00::1]:9000\", bucket: vms,"
                                        + " prefix: lab/one, secretRef: {name: s3}}}")
                                .yaml(),
                        BackupLocation.class));
        String path = API + "/backuplocations/" + name;
        for (String change : List.of(
                "spec: {s3: {bucket: other}}", "spec: {s3: {prefix: null}}", "spec: {s3: {endpoint: \"https://x\"}}")) {
            assertRefused(Call.merge(path, Manifest.json(change)), "endpoint, bucket and prefix are immutable");
        }
        assertRefused(
                Call.merge(path, Manifest.json("spec: {s3: null, folder: {path: /backups}}")),
                "a folder stays a folder");
        assertAccepted(
                Call.merge(path, Manifest.json("spec: {s3: {secretRef: {name: other}, region: eu-1, caBundle: x}}")));
    }

    @Test
    void aBackupLocationKeepsItsFolderAndMayBeOfferedToOthers() {
        CLUSTER.create(CLUSTER.admin()
                .getKubernetesSerialization()
                .unmarshal(
                        BACKUP_LOCATION
                                .with("metadata: {name: " + namespace + "}")
                                .yaml(),
                        BackupLocation.class));
        String path = API + "/backuplocations/" + namespace;
        assertRefused(Call.merge(path, Manifest.json("spec: {folder: {path: /other}}")), "folder is immutable");
        assertAccepted(Call.merge(path, Manifest.json("spec: {allowedNamespaces: [finance]}")));
        assertAccepted(Call.merge(path, Manifest.json("spec: {limits: {bandwidth: 100Mi, parallelRuns: 2}}")));
        assertAccepted(Call.merge(path, Manifest.json("spec: {limits: {bandwidth: 1048576}}")));
        assertAccepted(Call.merge(path, Manifest.json("spec: {minimumRetention: 99999h}")));
        // With a warning.
        assertAccepted(Call.merge(path, Manifest.json("spec: {minimumRetention: 720h}")));
        String meant = "spec: {id: " + BackupLocations.ID + "}";
        assertAccepted(Call.merge(path, Manifest.json(meant)));
        assertThat(Call.merge(path, Manifest.json(meant)).by(CLUSTER.admin()).code())
                .isEqualTo(200);
        for (String id : List.of("null", "00000000-0000-4000-8000-000000000001")) {
            assertRefused(Call.merge(path, Manifest.json("spec: {id: " + id + "}")), "id is immutable once it is set");
        }
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            spec: {vmRef: null}                | spec.vmRef: Required value
            spec: {locationRef: null}          | spec.locationRef: Required value
            spec: {locationRef: {name: ../x}}  | spec.locationRef.name
            spec: {mode: Incremental}          | spec.mode: Unsupported value
            spec: {quiesce: true}              | spec.quiesce in body must be of type string
            spec: {quiesced: Never}            | unknown field "spec.quiesced"
            spec: null                         | spec: Required value
            """)
    void aBackupIsRefused(String change, String expected) {
        assertRefused(
                Call.create(
                        API + "/namespaces/" + namespace + "/vmbackups",
                        BACKUP.with(change).yaml()),
                expected);
    }

    @Test
    void aBackupIsImmutable() {
        String path = API + "/namespaces/" + namespace + "/vmbackups";
        Call.create(path, BACKUP.yaml()).by(CLUSTER.admin());
        VMBackup created = CLUSTER.admin()
                .resources(VMBackup.class)
                .inNamespace(namespace)
                .withName("schema-it")
                .get();
        assertThat(created.getSpec().mode()).isEqualTo(BackupMode.Auto);
        for (String change :
                List.of("spec: {mode: Full}", "spec: {vmRef: {name: x}}", "spec: {locationRef: {name: x}}")) {
            assertRefused(Call.merge(path + "/schema-it", Manifest.json(change)), "a VMBackup is immutable");
        }
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            spec: {vmSelector: null}               | spec.vmSelector: Required value
            spec: {locationRef: null}              | spec.locationRef: Required value
            spec: {schedule: null}                 | spec.schedule: Required value
            spec: {schedule: '@daily'}             | spec.schedule
            spec: {schedule: '0 2 * * * *'}        | spec.schedule
            spec: {timeZone: '../etc'}             | spec.timeZone
            spec: {startWithin: '6'}               | spec.startWithin
            spec: {startWithin: PT6H}              | spec.startWithin
            spec: {parallel: 0}                    | spec.parallel
            spec: {keep: {last: 0}}                | spec.keep.last
            spec: {keep: {weekly: -1}}             | spec.keep.weekly
            spec: {verify: {}}                     | spec.verify.every: Required value
            spec: {verify: {every: 7d}}            | spec.verify.every
            metadata: {name: LONG}                 | the name is a label of the VMBackups
            """)
    void aBackupScheduleIsRefused(String change, String expected) {
        assertRefused(
                Call.create(
                        API + "/namespaces/" + namespace + "/vmbackupschedules",
                        BACKUP_SCHEDULE
                                .with(change.replace("LONG", "x".repeat(64)))
                                .yaml()),
                expected);
    }

    @ParameterizedTest(name = "{0}")
    @ValueSource(
            strings = {
                "spec: {}",
                "spec: {schedule: '*/15 0-6,22 1,15 JAN-MAR MON-FRI', timeZone: America/Argentina/Buenos_Aires}",
                "spec: {startWithin: 1h30m, suspend: true, parallel: 64, mode: Full}",
                "spec: {keep: {last: 7, weekly: 4}, verify: {every: 168h}}"
            })
    void aBackupScheduleIsAccepted(String change) {
        assertAccepted(Call.create(
                API + "/namespaces/" + namespace + "/vmbackupschedules",
                BACKUP_SCHEDULE.with(change).yaml()));
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            spec: {nodeName: ""}                                                   | spec.nodeName
            spec: {vmRef: {uid: ../x}}                                             | spec.vmRef.uid
            spec: {backupRef: {uid: x}}                                            | spec.backupRef.uid
            spec: {epoch: 0}                                                       | spec.epoch
            spec: {epoch: null}                                                    | spec.epoch: Required value
            spec: {action: Verify}                                                 | unknown field "spec.action"
            spec: {location: null}                                                 | spec.location: Required value
            spec: {completed: [{uid: x, indexSHA256: y, time: z}]}                 | spec.completed[0].uid
            """)
    void aBackupRunIsRefused(String change, String expected) {
        assertRefused(
                Call.create(
                        API + "/namespaces/" + namespace + "/backupruns",
                        BACKUP_RUN.with(change).yaml()),
                expected);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            spec: {action: null}                                                   | spec.action: Required value
            spec: {action: Erase}                                                  | spec.action
            spec: {nodeName: ""}                                                   | spec.nodeName
            spec: {vmRef: {uid: ../x}}                                             | spec.vmRef.uid
            spec: {backupRef: {uid: x}}                                            | spec.backupRef.uid
            spec: {backupUID: null}                                                | spec.backupUID: Required value
            spec: {backupUID: ../x}                                                | spec.backupUID
            spec: {location: null}                                                 | spec.location: Required value
            spec: {location: {s3: https://s3}}                                     | exactly one of: folder, s3
            spec: {location: {id: null}}                                           | spec.location.id: Required value
            spec: {indexSHA256: x}                                                 | spec.indexSHA256
            spec: {indexSHA256: null}                                              | a verification has the digest
            spec: {action: Remove}                                                 | a removal has none
            spec: {bytesPerSecond: 0}                                              | spec.bytesPerSecond
            spec: {action: Remove, indexSHA256: null, bytesPerSecond: 1}           | reads nothing, and has no envelope
            spec: {action: Remove, indexSHA256: null, location: {folder: null, s3: https://s3}} | a removal is from a folder
            spec: {action: Remove, indexSHA256: null, envelope: {sealed: x, expirationTime: x}} | reads nothing, and has no envelope
            """)
    void aStoredBackupRunIsRefused(String change, String expected) {
        assertRefused(
                Call.create(
                        API + "/namespaces/" + namespace + "/storedbackupruns",
                        STORED_BACKUP_RUN.with(change).yaml()),
                expected);
    }

    @Test
    void aStoredBackupRunIsImmutable() {
        String path = API + "/namespaces/" + namespace + "/storedbackupruns";
        assertAccepted(Call.create(
                path,
                STORED_BACKUP_RUN
                        .with("spec: {action: Remove, indexSHA256: null}")
                        .yaml()));
        Call.create(path, STORED_BACKUP_RUN.yaml()).by(CLUSTER.admin());
        String run = path + "/00000000-0000-0000-0000-00000000000a-verify";
        for (String change : List.of(
                "spec: {nodeName: other}",
                "spec: {location: {folder: /x}}",
                "spec: {backupUID: 00000000-0000-0000-0000-00000000000d}",
                "spec: {indexSHA256: " + "ab".repeat(32) + "}",
                "spec: {bytesPerSecond: 1}")) {
            assertRefused(Call.merge(run, Manifest.json(change)), "a StoredBackupRun is immutable");
        }
        assertAccepted(Call.merge(
                run, Manifest.json("spec: {envelope: {sealed: x, expirationTime: \"2026-01-01T12:00:00Z\"}}")));
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            spec: {nodeName: ""}                                                   | spec.nodeName
            spec: {vmRef: null}                                                    | spec.vmRef: Required value
            spec: {backup: {uid: ../x}}                                            | spec.backup.uid
            spec: {backup: {indexSHA256: x}}                                       | spec.backup.indexSHA256
            spec: {epoch: -1}                                                      | spec.epoch
            spec: {guestState: null}                                               | has either disks, or a guestState
            spec: {osDiskSize: 1Gi}                                                | has either disks, or a guestState
            spec: {disks: [data]}                                                  | has either disks, or a guestState
            spec: {guestState: null, disks: [../x]}                                | spec.disks[0]
            spec: {envelope: null}                                                 | spec.envelope: Required value
            """)
    void aRestoreRunIsRefused(String change, String expected) {
        assertRefused(
                Call.create(
                        API + "/namespaces/" + namespace + "/restoreruns",
                        RESTORE_RUN.with(change).yaml()),
                expected);
    }

    @Test
    void aRestoreRunIsImmutable() {
        String path = API + "/namespaces/" + namespace + "/restoreruns";
        Call.create(path, RESTORE_RUN.yaml()).by(CLUSTER.admin());
        for (String change : List.of("spec: {nodeName: other}", "spec: {epoch: 2}", "spec: {envelope: b3RoZXI=}")) {
            assertRefused(
                    Call.merge(path + "/00000000-0000-0000-0000-00000000000b", Manifest.json(change)),
                    "a RestoreRun is immutable");
        }
    }

    @Test
    void aDiskFillIsImmutableButForItsEnvelope() {
        String path = API + "/namespaces/" + namespace + "/diskfills";
        Call.create(path, DISK_FILL.yaml()).by(CLUSTER.admin());
        String fill = path + "/00000000-0000-0000-0000-00000000000c";
        for (String change : List.of(
                "spec: {nodeName: other}",
                "spec: {backupOf: 00000000-0000-0000-0000-00000000000d}",
                "spec: {location: {folder: /other}}",
                "spec: {bytesPerSecond: 5}")) {
            assertRefused(Call.merge(fill, Manifest.json(change)), "a DiskFill is immutable but for its envelope");
        }
        assertThat(Call.merge(fill, Manifest.json("spec: {envelope: b3RoZXI=, expirationTime: 2026-01-01T00:00:00Z}"))
                        .by(CLUSTER.admin())
                        .succeeded())
                .isTrue();
    }

    @Test
    void aBackupRunIsImmutable() {
        String path = API + "/namespaces/" + namespace + "/backupruns";
        Call.create(path, BACKUP_RUN.yaml()).by(CLUSTER.admin());
        for (String change : List.of("spec: {nodeName: other}", "spec: {location: {folder: /x}}", "spec: {epoch: 2}")) {
            assertRefused(
                    Call.merge(path + "/00000000-0000-0000-0000-00000000000a", Manifest.json(change)),
                    "a BackupRun is immutable");
        }
        String run = path + "/00000000-0000-0000-0000-00000000000a";
        assertRefused(
                Call.merge(
                        run,
                        Manifest.json("spec: {completed: [{uid: 00000000-0000-0000-0000-00000000000b,"
                                + " indexSHA256: " + "ab".repeat(32) + ", time: x}]}")),
                "a BackupRun is immutable");
        assertAccepted(Call.merge(
                run, Manifest.json("spec: {envelope: {sealed: x, expirationTime: \"2026-01-01T12:00:00Z\"}}")));
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            spec: {nodeName: null}                                    | spec.nodeName: Required value
            spec: {nodeName: Host_A}                                  | spec.nodeName
            spec: {agent: fence_apc}                                  | spec.agent: Unsupported value
            spec: {address: "BMC-A"}                                  | address must be an IPv4 address
            spec: {address: "bmc-a:65536"}                            | address must be an IPv4 address
            spec: {address: "bmc-a:0"}                                | address must be an IPv4 address
            spec: {address: "bmc-a:443:443"}                          | address must be an IPv4 address
            spec: {address: "fd00::1"}                                | address must be an IPv4 address
            spec: {address: "[bmc-a]"}                                | address must be an IPv4 address
            spec: {address: "[::ffff::1]:443"}                        | address must be an IPv4 address
            spec: {address: "admin@bmc-a"}                            | address must be an IPv4 address
            spec: {address: "bmc-a/x"}                                | address must be an IPv4 address
            spec: {systemsURI: /redfish/v1/../evil}                   | spec.systemsURI
            spec: {systemsURI: "/redfish/v1/Systems/1?x"}             | spec.systemsURI
            spec: {systemsURI: "https://evil/redfish/v1/Systems/1"}   | spec.systemsURI
            spec: {secretRef: null}                                   | spec.secretRef: Required value
            spec: {agent: fence_ipmilan}                              | systemsURI is for agent fence_redfish only
            spec: {agent: fence_ipmilan, systemsURI: null, automatic: true} | automatic needs agent fence_redfish
            """)
    void aFenceDeviceIsRefused(String change, String expected) {
        assertRefused(
                Call.create(API + "/fencedevices", FENCE_DEVICE.with(change).yaml()), expected);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            {}
            spec: {address: 10.0.0.1}
            spec: {address: "[fd00::1]"}
            spec: {address: "[fd00::1]:65535"}
            spec: {address: "bmc-a.example.org:8443", automatic: true}
            spec: {systemsURI: /redfish/v1/Systems/System.Embedded.1}
            spec: {systemsURI: null}
            spec: {agent: fence_ipmilan, systemsURI: null}
            """)
    void aFenceDeviceIsAccepted(String change) {
        assertAccepted(
                Call.create(API + "/fencedevices", FENCE_DEVICE.with(change).yaml()));
    }

    @Test
    void aFenceDeviceKeepsItsNode() {
        CLUSTER.create(CLUSTER.admin()
                .getKubernetesSerialization()
                .unmarshal(
                        FENCE_DEVICE.with("metadata: {name: " + namespace + "}").yaml(), FenceDevice.class));
        assertRefused(
                Call.merge(API + "/fencedevices/" + namespace, Manifest.json("spec: {nodeName: host-b}")),
                "nodeName is immutable");
        assertAccepted(Call.merge(API + "/fencedevices/" + namespace, Manifest.json("spec: {address: bmc-b}")));
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', textBlock = """
            trustedlaunchvms         | Name Status Ready Cores Memory Node IP Age | Image Migratable RestartRequired EK Reason
            guestimages              | Name OS SKU Eligible Provenance Size Ready Reason Age |
            imagecatalogs            | Name Serial Images Expires Ready Current Reason Age |
            imageeligibilitypolicies | Name Provenance Enforcement Matched Ready Age |
            storagelocations         | Name Path Ready Shared Restricted Reason Age |
            vmnetworks               | Name Filter Ready Namespaces Age |
            vmquotas                 | Name VMs Cores Memory Storage Backups Migrations Age |
            clusternodes             | Name Ready Enrolled Maintenance Address KVM Cores Memory Reason Age | For VMs Reserved
            vmincarnations           | Name VM Node Epoch Desired Phase Reason Age |
            vmmigrations             | Name VM Phase From To Percent Age | Reason
            vmconsoles               | Name VM Kind User Open Node Age | Reason
            backuplocations          | Name Folder Endpoint Bucket Ready Reason Age |
            vmbackups                | Name VM Location Phase Type Percent Verified Size Duration Reason Age |
            vmbackupschedules        | Name Schedule Timezone Suspend Active Last Schedule Last Success Overdue Age | Location Missed Reason
            backupruns               | Name VM Backup Node Phase Percent Reason Age |
            storedbackupruns         | Name VM Action Backup Node Phase Percent Reason Age |
            restoreruns              | Name VM Backup Node Phase Reason Age |
            diskfills                | Name VM Backup Node Phase Reason Age |
            imagecopies              | Name Image Location Node Percent Size Ready Reason Age |
            fencedevices             | Name Node Agent Address Automatic Ready Reason Age | Tested Fence Power
            """)
    void kubectlGetShowsTheseColumns(String plural, String columns, String wideColumns) throws Exception {
        JsonNode table = new ObjectMapper()
                .readTree(CLUSTER.admin()
                        .getHttpClient()
                        .sendAsync(
                                CLUSTER.admin()
                                        .getHttpClient()
                                        .newHttpRequestBuilder()
                                        .uri(CLUSTER.admin()
                                                        .getMasterUrl()
                                                        .toString()
                                                        .replaceAll("/$", "") + API + "/" + plural)
                                        .header("Accept", "application/json;as=Table;v=v1;g=meta.k8s.io")
                                        .build(),
                                String.class)
                        .get()
                        .body());
        assertThat(columnsOf(table, 0)).isEqualTo(columns);
        assertThat(columnsOf(table, 1)).isEqualTo(wideColumns == null ? "" : wideColumns);
    }

    private static String columnsOf(JsonNode table, int priority) {
        return StreamSupport.stream(table.get("columnDefinitions").spliterator(), false)
                .filter(column -> column.get("priority").asInt() == priority)
                .map(column -> column.get("name").asText())
                .reduce((a, b) -> a + " " + b)
                .orElse("");
    }

    private static String existingVm() {
        String name = "existing";
        Call.create(vms, VM.with("metadata: {name: " + name + "}").yaml()).by(CLUSTER.admin());
        return name;
    }

    private static String create(Manifest vm) {
        String name = Cluster.uniqueName("vm");
        Response response = Call.create(
                        vms, vm.with("metadata: {name: " + name + "}").yaml())
                .strict()
                .by(CLUSTER.admin());
        assertThat(response.message()).isEmpty();
        return name;
    }

    private static String named(String name) {
        return VM.with("metadata: {name: " + name + "}").yaml();
    }

    private static void assertRefused(Call call, String expected) {
        Response response = call.dryRun().strict().by(CLUSTER.admin());
        assertThat(response.message()).contains(expected);
        assertThat(response.code()).isIn(400, 422);
    }

    private static void assertAccepted(Call call) {
        Response response = call.dryRun().strict().by(CLUSTER.admin());
        assertThat(response.message()).isEmpty();
    }
}
