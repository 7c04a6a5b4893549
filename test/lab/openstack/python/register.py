"""Gives each service its user, its entry in the catalogue and its roles: register.py CLOUDS-YAML "NAME TYPE URL"..."""
import sys

import openstack
from openstack import config

cloud = config.OpenStackConfig(config_files=[sys.argv[1]]).get_one('lab')
identity = openstack.connection.Connection(config=cloud).identity
password = cloud.get_auth_args()['password']
region = cloud.get_region_name()

domain = identity.find_domain('default')
project = identity.find_project('service') or identity.create_project(name='service', domain_id=domain.id)
roles = {role.name: role for role in identity.roles()}
# The last two are asked for by Barbican and Octavia of whoever uses them.
for name in ('service', 'admin', 'member', 'reader', 'creator', 'load-balancer_member', 'load-balancer_admin'):
    if name not in roles:
        roles[name] = identity.create_role(name=name)

users = {user.name: user for user in identity.users(domain_id=domain.id)}
services = {service.name: service for service in identity.services()}
endpoints = {(endpoint.service_id, endpoint.interface): endpoint for endpoint in identity.endpoints()}


def register_user(name):
    user = users.get(name) or identity.create_user(name=name, password=password, domain_id=domain.id, default_project_id=project.id)
    for role in ('admin', 'service'):
        identity.assign_project_role_to_user(project, user, roles[role])


def register_endpoints(name, kind, url):
    service = services.get(name) or identity.create_service(name=name, type=kind)
    for interface in ('public', 'internal', 'admin'):
        known = endpoints.get((service.id, interface))
        if known is None:
            identity.create_endpoint(service_id=service.id, interface=interface, url=url, region_id=region)
        elif known.url != url:
            identity.update_endpoint(known, url=url)


for entry in filter(None, sys.argv[2:]):
    name, kind, url = entry.split(' ')
    register_user(name)
    register_endpoints(name, kind, url)
    if name == 'cinder':  # older clients look for this type
        register_endpoints('cinderv3', 'volumev3', url)

administrator = identity.find_user('admin')
for role in ('member', 'creator', 'load-balancer_admin'):
    identity.assign_project_role_to_user(identity.find_project('admin'), administrator, roles[role])
