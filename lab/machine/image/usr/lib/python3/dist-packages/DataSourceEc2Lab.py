"""cloud-init's own EC2 data source, told that this is EC2.

It speaks IMDSv2 only where the firmware says Amazon, and never asks the firmware in a container. All else is as cloud-init ships it.
"""

from cloudinit.sources import DataSourceEc2

DataSourceEc2.identify_platform = lambda: DataSourceEc2.CloudNames.AWS
get_datasource_list = DataSourceEc2.get_datasource_list
