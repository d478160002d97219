variable "region" {
  description = "Region that builds."
  type        = string
  default     = "eu-west-1"
}

variable "far_region" {
  description = "Region that its snapshots are copied to."
  type        = string
  default     = "us-east-1"
}
