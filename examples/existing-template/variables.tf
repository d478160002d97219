variable "region" {
  description = "Region of cache and workers."
  type        = string
  default     = "eu-west-1"
}

variable "image_id" {
  description = "AMI of the workers; it ships Docker."
  type        = string
  default     = "resolve:ssm:/aws/service/ecs/optimized-ami/amazon-linux-2023/recommended/image_id"
}
