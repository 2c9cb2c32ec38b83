namespace Slotwise.LocalKubernetes.Tests.Api;

/// <summary>A custom kind to try things on.</summary>
static class Toys
{
    public const string Definition = """
        apiVersion: apiextensions.k8s.io/v1
        kind: CustomResourceDefinition
        metadata:
          name: toys.example.com
        spec:
          group: example.com
          scope: Namespaced
          names: {plural: toys, kind: Toy, shortNames: [ty], categories: [all]}
          versions:
          - name: v1
            served: true
            storage: true
            subresources:
              status: {}
              scale: {specReplicasPath: .spec.count, statusReplicasPath: .status.count, labelSelectorPath: .status.selector}
            additionalPrinterColumns:
            - {name: Count, type: integer, jsonPath: .spec.count}
            - {name: Ready, type: string, jsonPath: '.status.conditions[?(@.type=="Ready")].status'}
            - {name: Color, type: string, jsonPath: .spec.color, priority: 1}
            - {name: Age, type: date, jsonPath: .metadata.creationTimestamp}
            schema:
              openAPIV3Schema:
                type: object
                description: A thing to play with.
                properties:
                  spec:
                    type: object
                    properties:
                      count: {type: integer, minimum: 1, maximum: 5, default: 2, description: How many there are.}
                      color: {type: string}
                  status:
                    type: object
                    properties:
                      count: {type: integer}
                      selector: {type: string}
                      conditions: {type: array, items: {type: object, x-kubernetes-preserve-unknown-fields: true}}
        """;

    public const string Toy = """
        apiVersion: example.com/v1
        kind: Toy
        metadata: {name: robot}
        spec: {color: red}
        """;

    public const string StatefulSet = """
        apiVersion: apps/v1
        kind: StatefulSet
        metadata: {name: web}
        spec:
          serviceName: web
          replicas: 2
          selector: {matchLabels: {app: web}}
          template:
            metadata: {labels: {app: web}}
            spec:
              containers:
              - name: c
                image: nginx:1.2
                env: [{name: A, value: b}]
        """;
}
