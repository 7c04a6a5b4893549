"""Makes the volume type of Cinder's fake backend: volume_type.py CLOUDS-YAML"""
import sys

import openstack
from openstack import config

cloud = config.OpenStackConfig(config_files=[sys.argv[1]]).get_one('lab')
volumes = openstack.connection.Connection(config=cloud).block_storage
if not any(kind.name == 'fake' for kind in volumes.types()):
    volumes.create_type(name='fake', extra_specs={'volume_backend_name': 'fake'})
